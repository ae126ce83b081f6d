"""The people of Ateliers Vauban, and what each of the six whom a visitor may be could do first."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NETWORK_SLUG, NETWORK_NAME = "vauban", "Ateliers Vauban"
MAIL_DOMAIN = "vauban.example"


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody of the story.  kind: as PersonKind.  number: personnel number of those without e-mail.

    since: the working day on which they came, for those who came during the story.
    """

    name: str
    title: str
    site: str
    department: str
    about: str
    manager: str = ""
    email: str = ""
    number: str | None = None
    language: str = "fr"
    kind: str = "member"
    organisation: str = ""
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One of the six whom a visitor may be.

    away: working days since their last visit, and its hour.  tries: (what to do, name of the thread where it is done).
    """

    slug: str
    name: str
    role: Promise | str
    who: Promise | str
    away: tuple[int, int]
    tries: tuple[tuple[Promise | str, str], ...]


BESANCON, NANTES, SAINT_NAZAIRE = "Besançon", "Nantes", "Saint-Nazaire"

CAST = (
    Character(
        "Hélène Courtois",
        "Directrice générale",
        BESANCON,
        "Direction",
        "Ingénieure de formation, ici depuis sept ans. Ma porte est ouverte, malgré le panneau.",
        email="helene.courtois",
    ),
    Character(
        "Claire Martin",
        "Responsable des ventes Grand Ouest",
        SAINT_NAZAIRE,
        "Ventes",
        "Je préfère un client qui se plaint à un client qui se tait. Alto à la chorale de Pornichet.",
        manager="Hélène Courtois",
        email="claire.martin",
    ),
    Character(
        "Nadia Rahmani",
        "Responsable des ressources humaines",
        BESANCON,
        "Ressources humaines",
        "Contrats, paie, formation, apprentis. Pour une question gênante, passez me voir plutôt que d'écrire.",
        manager="Hélène Courtois",
        email="nadia.rahmani",
    ),
    Character(
        "Paul Kermarrec",
        "Responsable qualité",
        BESANCON,
        "Qualité",
        "Je mesure, je me trompe, je remesure. Cherche une tasse.",
        manager="Hélène Courtois",
        email="paul.kermarrec",
    ),
    Character(
        "Inès Roux",
        "Ingénieure études et industrialisation",
        BESANCON,
        "Études",
        "Pliage, calcul, gamme standard. Montrez-moi la pièce avant de dire que le plan est faux, puis dites-le.",
        manager="Hélène Courtois",
        email="ines.roux",
    ),
    Character(
        "Louise Garnier",
        "Cheffe d'atelier découpe et achats de tôle",
        NANTES,
        "Production",
        "Laser, gaz, imbrication, bacs. J'aime qu'on me demande pourquoi.",
        manager="Hélène Courtois",
        email="louise.garnier",
    ),
    Character(
        "Samir Benali",
        "Technico-commercial",
        NANTES,
        "Ventes",
        "Clients de Vannes à La Roche-sur-Yon. Deux places en covoiturage, radio comprise.",
        manager="Claire Martin",
        email="samir.benali",
    ),
    Character(
        "Fatou Diallo",
        "Responsable sécurité et environnement",
        SAINT_NAZAIRE,
        "Sécurité",
        "Je ne contrôle pas, je regarde avec vous. Sauf les rince-œil, je contrôle les rince-œil.",
        manager="Hélène Courtois",
        email="fatou.diallo",
    ),
    Character(
        "Yann Le Goff",
        "Soudeur, coordinateur soudage",
        SAINT_NAZAIRE,
        "Production",
        "Trente ans de torche. Je réponds court.",
        manager="Hélène Courtois",
        number="20417",
    ),
    Character(
        "Aoife Brennan",
        "Ingénieure en soudage robotisé",
        SAINT_NAZAIRE,
        "Production",
        "From Cork, welder first, engineer second. Je lis le français mieux que je ne le parle.",
        manager="Yann Le Goff",
        email="aoife.brennan",
        language="en",
        since=-17,
    ),
    Character(
        "Marc Petit",
        "Technicien laser et pliage",
        BESANCON,
        "Production",
        "Ancien boulanger. Équipe du matin.",
        manager="Inès Roux",
        number="10382",
    ),
    Character(
        "Gérard Monnier",
        "Responsable maintenance",
        BESANCON,
        "Maintenance",
        "Trente-quatre ans, quatorze carnets. Demandez, j'ai sûrement déjà cassé la même. G.",
        manager="Hélène Courtois",
        number="10016",
    ),
    Character(
        "Sandrine Pichon",
        "Technico-commerciale",
        "",
        "",
        "Votre interlocutrice aux Métaux de l'Erdre. Je réponds le jour même.",
        email="sandrine.pichon@metaux-erdre.example",
        kind="guest",
        organisation="Métaux de l'Erdre",
        since=-21,
    ),
    Character(
        "Bruno Jolivet",
        "Responsable des achats",
        "",
        "",
        "",
        email="b.jolivet@herve-sa.example",
        kind="contact",
        organisation="Hervé SA",
    ),
    Character(
        "Ian Fletcher",
        "Procurement manager",
        "",
        "",
        "",
        email="ian.fletcher@marlow-marine.example",
        kind="contact",
        organisation="Marlow Marine",
        language="en",
    ),
)
ORGANISATIONS = {"Métaux de l'Erdre": "supplier", "Hervé SA": "customer", "Marlow Marine": "customer"}
ADMINISTRATORS = ("Nadia Rahmani", "Hélène Courtois")  # Nadia also hands out codes to people without e-mail
DESK = ("Nadia Rahmani",)

PARTS = (
    Part(
        "sales",
        "Claire Martin",
        _("Sales manager, Saint-Nazaire"),
        _("Her team waits for a yes or a no, and an old complaint has become an order."),
        (1, 10),
        (
            (_("Decide on the 4% that Samir asks for"), "remise-herve"),
            (_("Read how Hervé SA went from angry to loyal"), "herve-reponse"),
            (_("Answer Aoife about customs for Marlow Marine"), "incoterm-marlow"),
        ),
    ),
    Part(
        "hr",
        "Nadia Rahmani",
        _("Human resources, Besançon"),
        _("Two people to hire, an apprentice to welcome, and a letter that nobody understands."),
        (1, 9),
        (
            (_("Reread Louise’s interview notes"), "compte-rendu"),
            (_("Help Aoife with the insurer’s letter"), "mutuelle-aoife"),
            (_("See whether Enzo’s first week is ready"), "enzo-arrive"),
        ),
    ),
    Part(
        "workshop",
        "Marc Petit",
        _("Laser technician, Besançon"),
        _("No e-mail, a phone in his pocket, and a machine that drifts. Try it on yours."),
        (1, 14),
        (
            (_("Tell Louise whether her setting worked"), "buse-alu"),
            (_("Say yes to being Enzo’s godparent"), "enzo-arrive"),
            (_("See what became of the press brake question"), "comtoise-angle"),
        ),
    ),
    Part(
        "engineering",
        "Inès Roux",
        _("Design engineer, Besançon"),
        _("Three people are waiting for her; one of them works for a supplier."),
        (1, 11),
        (
            (_("Accept or refuse the other steel grade"), "substitution"),
            (_("Name the three dimensions that matter"), "controle-supports"),
            (_("Explain the press brake to Marc"), "comtoise-angle"),
        ),
    ),
    Part(
        "newcomer",
        "Aoife Brennan",
        _("New colleague, Saint-Nazaire"),
        _("Three weeks here. She reads Parvis in English and writes more and more French."),
        (2, 17),
        (
            (_("Check Paul’s English before it reaches Southampton"), "relire-marlow"),
            (_("Read what Yann thinks of the cobot now"), "cobot-bilan"),
            (_("Find out who knows about nitrogen"), "azote-s235"),
        ),
    ),
    Part(
        "management",
        "Hélène Courtois",
        _("Managing director, Besançon"),
        _("She was asked a question in front of everybody, and has not answered yet."),
        (2, 18),
        (
            (_("Answer Yann about the extraction torches"), "torches-aspirantes"),
            (_("Read what the workshop says of the cobot"), "cobot-bilan"),
            (_("See why line 3 was scrapping panels"), "ligne3-refroidissement"),
        ),
    ),
)


def character(name: str) -> Character:
    """The character of that name. Raises KeyError."""
    return _BY_NAME[name]


_BY_NAME = {one.name: one for one in CAST}
