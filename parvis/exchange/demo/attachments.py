"""The files of the story, made when they are needed: tables, notes, three pictures and three PDF. Always the same bytes."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Sequence

from parvis.exchange.demo.drawing import bars, cutting_plan, scatter
from parvis.exchange.demo.pdf import document
from parvis.exchange.demo.typography import typeset


def _table(head: Sequence[str], rows: Sequence[Sequence[str | float]]) -> bytes:
    """A table as French spreadsheets read it: semicolons, decimal commas, a byte-order mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for row in [head, *rows]:
        writer.writerow(
            [str(cell).replace(".", ",") if isinstance(cell, float) else typeset(str(cell), "fr") for cell in row]
        )
    return text.getvalue().encode("utf-8-sig")


def _text(text: str) -> bytes:
    return typeset(text.strip(), "fr").encode() + b"\n"


def focus_drift() -> bytes:
    """Focus against time: 1.1 mm in forty minutes, and back after a pause."""
    chance = random.Random("focus")
    drift = [
        round(1.1 * (1 - 2.718 ** (-minute / 18)) / 0.892 + chance.uniform(-0.03, 0.03), 2)
        for minute in range(0, 42, 2)
    ]
    rows: list[list[str | float]] = [
        [minute * 2, max(mm, 0.0), "bavure" if mm > 0.7 else "propre"] for minute, mm in enumerate(drift)
    ]
    rows += [[52, 0.12, "propre, après dix minutes d'arrêt"]]
    return _table(["minute", "dérive de la focale (mm)", "dessous de la tôle"], rows)


def sheet_17() -> bytes:
    """The cutting table of brushed aluminium."""
    return document(
        "Fiche 17 : aluminium 5754, chant propre",
        [
            "# Réglages",
            "| Épaisseur|Buse|Azote|Focale|Vitesse",
            "| 2 mm|1,4 simple|10 bars|-1,5 mm|14,0 m/min",
            "| 3 mm|1,4 simple|11 bars|-2,0 mm|9,5 m/min",
            "| 4 mm|1,4 simple|12 bars|-2,5 mm|6,8 m/min",
            "| 5 mm|1,7 simple|13 bars|-3,0 mm|4,6 m/min",
            "| 6 mm|2,0 simple|14 bars|-4,0 mm|3,2 m/min",
            "# Avant de commencer",
            "Verre de protection propre des deux côtés, changé au moindre voile.",
            "Focale recalée à froid, puis contrôlée au bout de trente minutes.",
            "Tôle posée face brossée dessus, sans film plastique : papier intercalaire seulement.",
            "# Si la bavure revient au bout de vingt minutes",
            "1. Le verre chauffe : le changer, même s'il a l'air propre.",
            "2. Le joint du porte-verre fuit : de la poussière se dépose sur le verre neuf.",
            "3. La dérive dépasse 0,3 mm verre neuf : regarder la lentille, à deux.",
            "Ne jamais monter la pression pour compenser une focale perdue.",
            "",
            "Louise Garnier, atelier de Nantes. Corrigez cette fiche quand elle se trompe.",
        ],
    )


def frame_sequence() -> bytes:
    """The welding order that twisted the frame."""
    return _text("""
Châssis 2,40 m, tube 80 × 40 × 3 : séquence actuelle (celle qui vrille)

1. Bridage sur le marbre, quatre sauterelles.
2. Pointage des quatre angles, puis des quatre traverses.
3. Cordons, dans le sens de la pendule :
   angle A, traverse 1, angle B, traverse 2, angle C, traverse 3, angle D, traverse 4.
4. Retour au premier angle pour la face intérieure, même sens.
5. Débridage à chaud, environ huit minutes après le dernier cordon.

Constat : vrille de 5 à 7 mm en diagonale, toujours du même côté.
Redressage : quarante minutes, à deux.
""")


def first_two_months() -> bytes:
    """What a newcomer without experience does in her first two months."""
    return _text("""
Parcours des deux premiers mois, technicienne laser, Nantes

Semaine 1 : avec Sylvain, les mains dans les poches. Regarder, écouter, noter ce qui étonne.
Semaine 2 : trier et ébavurer. Apprendre à reconnaître dix défauts de coupe, avec les pièces ratées de la caisse bleue.
Semaine 3 : charger, décharger, changer une buse, un verre de protection. Toujours à deux.
Semaine 4 : lancer un programme connu, première pièce contrôlée par Sylvain.
Point avec Louise : qu'est-ce qui est encore flou ?

Semaines 5 et 6 : régler. Une variable à la fois, sur des chutes, avec la fiche à côté.
Semaine 7 : imbriquer une commande simple.
Semaine 8 : tenir le poste une journée entière, Sylvain à portée de voix.

Ce que nous ne ferons pas : la laisser seule avant la semaine 8, ni lui donner des épaisseurs au-dessus de 6 mm.
""")


def welders() -> bytes:
    """Six qualifications that end soon."""
    return _table(
        ["soudeur", "procédé", "norme", "matériau", "épaisseur", "échéance", "preuve à fournir"],
        [
            ["Yann Le Goff", "135", "ISO 9606-1", "acier", "3 à 20 mm", "dans 74 jours", "deux radios"],
            ["Jérôme Tessier", "135", "ISO 9606-1", "acier", "3 à 16 mm", "dans 21 jours", "deux radios"],
            ["Erwan Le Bihan", "135", "ISO 9606-1", "acier", "3 à 20 mm", "dans 58 jours", "deux macrographies"],
            ["Gwenaël Le Bihan", "136", "ISO 9606-1", "acier", "5 à 24 mm", "dans 66 jours", "deux macrographies"],
            ["Karine Moreau", "141", "ISO 9606-1", "inox", "1 à 6 mm", "dans 18 jours", "deux radios"],
            ["Mathis Guérin", "138", "ISO 9606-1", "acier", "4 à 16 mm", "dans 27 jours", "deux macrographies"],
        ],
    )


def offer_comparison() -> bytes:
    """The offer for 400 frames with and without the discount."""
    return _table(
        ["400 châssis d'épandeur", "offre actuelle", "avec remise de 4 %", "avec remise et gains d'atelier"],
        [
            ["prix unitaire (€)", 612.00, 587.52, 587.52],
            ["coût matière (€)", 254.00, 254.00, 245.80],
            ["coût de fabrication (€)", 229.48, 229.48, 226.57],
            ["marge (points)", 21.0, 17.7, 19.6],
            ["marge sur 400 pièces (€)", "51 408", "41 616", "46 060"],
            ["engagement du client", "aucun", "à négocier", "ferme sur deux trimestres"],
        ],
    )


def certificates() -> bytes:
    """Twelve certificates whose heat number is missing or wrong."""
    chance = random.Random("heats")
    rows: list[list[str]] = []
    for number in range(1, 13):
        lot = f"48-{chance.randint(1900, 2400)}"
        engraved = f"{chance.randint(100000, 999999)}"
        written = "absent" if number % 3 else f"{chance.randint(100000, 999999)}"
        grade = chance.choice(["S355J2", "S355MC", "S235JR"])
        rows.append([str(number), lot, grade, f"{chance.choice([4, 5, 6, 8, 10])} mm", written, engraved])
    return _table(["nº", "lot", "nuance", "épaisseur", "coulée au certificat", "coulée gravée sur la tôle"], rows)


def glossary() -> bytes:
    """Aoife's list of workshop words."""
    words = """bavure (laser)|dross|ce qui pend sous la tôle
bavure (outil)|burr|l'arête qui coupe les doigts
calamine|mill scale|la peau bleue de l'acier chaud
chant|cut edge|le côté de la tôle, pas la chanson
soufflure|porosity, gas pore|une bulle dans le cordon
cordon|weld bead|la soudure qu'on voit
pointage|tack welding|tenir avant de souder
pas de pèlerin|back-step|avancer en reculant
bridage|clamping|tenir de force ; la pièce s'en souvient
sauterelle|toggle clamp|un serre-joint qui saute
serre-joint|clamp|quatre formulaires
jeu|gap, clearance|jamais un jeu
vé|die opening|sous la plieuse, pas la lettre
pli|bend|un angle et un rayon
retour élastique|springback|la tôle change d'avis
imbrication|nesting|ranger les pièces dans la tôle
chute|offcut|ce qui reste, à étiqueter
amorçage|pierce|le premier trou du laser
gaine|liner|le chemin du fil
tube-contact|contact tip|le bout de la torche
débit|flow rate|des litres par minute
grenailleuse|shot blaster|nettoyer à coups de billes
ferroxyle|ferroxyl test|le bleu qui dénonce le fer
marbre|surface plate|la table la plus plate de l'atelier"""
    return _table(["français", "English", "ce que c'est vraiment"], [line.split("|") for line in words.split("\n")])


def product_survey() -> bytes:
    """What eleven customers changed on a finished frame."""
    return document(
        "Gamme standard : ce que disent nos clients",
        [
            "Onze visites, une seule question : « Qu'avez-vous modifié après l'avoir reçu ? »",
            "# Ce qu'ils ont modifié",
            "| Modification|Clients|Temps passé",
            "| percé des trous|8 sur 11|25 à 90 min",
            "| raccourci un pied|3 sur 11|20 min",
            "| ajouté une équerre|3 sur 11|40 min",
            "| repeint|2 sur 11|une journée",
            "| rien|1 sur 11|0",
            "# Ce que nous proposons",
            "Une trame de trous de 11 mm, tous les 50 mm, sur les quatre montants.",
            "38 secondes de découpe par châssis, un peu moins d'un euro.",
            "Deux longueurs de moins au catalogue : 1 650 et 2 250.",
            "# Ce que nous ne savons pas encore",
            "Ce que deviennent les quatre clients de ces deux longueurs. Je les appelle avant toute décision.",
            "Si la trame affaiblit le montant en charge latérale : calcul en cours, essai prévu.",
            "",
            "Inès Roux, études et industrialisation.",
        ],
    )


def complaint_report() -> bytes:
    """The 8D of the flaking paint."""
    return document(
        "8D : écaillage de la peinture sur les capots, Hervé SA",
        [
            "# D1 et D2. L'équipe et le problème",
            "Paul Kermarrec, Louise Garnier, Marc Petit, Claire Martin. Pour Hervé SA : Bruno Jolivet.",
            "Sur 620 capots livrés, 41 retours : la peinture se détache le long des chants de découpe.",
            "# D3. Protéger le client",
            "579 capots contrôlés chez lui, à nos frais. 23 repris. Aucune machine arrêtée.",
            "# D4. La cause",
            "* Nos fiches de coupe n'ont pas suivi le changement de machine.",
            "Le chant coupé à l'oxygène porte une peau d'oxyde de 30 à 45 µm, fissurée au pli.",
            "Les 620 capots étaient touchés. La grenailleuse du client en rattrapait 579.",
            "# D5 et D6. Corriger",
            "Air ou azote sous 8 mm pour toute pièce peinte. Fiches 11, 12 et 14 refaites.",
            "Essai de quadrillage après 120 h de brouillard salin :",
            "| Coupe|Classe",
            "| oxygène, chant brut|4",
            "| oxygène, brossé|1",
            "| air comprimé|1",
            "| azote|0",
            "# D7. Empêcher le retour",
            "Toute nouvelle machine déclenche la revue de ses fiches, avec un nom et une date.",
            "Tout changement de procédé est annoncé au client avant, par écrit.",
            "# D8. Remercier",
            "Le chargeur d'Hervé SA, qui avait dit à Marc que la dernière rangée n'était pas grenaillée.",
        ],
    )


def waiting_at_the_store() -> bytes:
    """Minutes waited at the store in Nantes, by attempt."""
    return bars(
        "Attente moyenne au magasin de Nantes (minutes)",
        [
            ("Avant", 11.0),
            ("Logiciel", 12.4),
            ("Horaires", 14.1),
            ("Porte ouverte", 8.2),
            ("Deux bacs", 5.0),
        ],
    )


def scrap_by_flow() -> bytes:
    """Scrap of line 3 against the flow of cooling water: each point an hour."""
    chance = random.Random("line 3")
    points = []
    for _ in range(80):
        flow = chance.uniform(3.6, 7.4)
        scrap = 1.6 + 10.5 / (1 + 2.718 ** ((flow - 4.9) * 3)) + chance.gauss(0, 0.9)
        points.append((flow, max(0.0, scrap)))
    return scatter(
        "Ligne 3 : le rebut selon l'eau de refroidissement", "eau (l/min)", "rebut (%)", points, (3, 8), (0, 15)
    )


def nesting() -> bytes:
    """The same order cut two ways."""
    return cutting_plan()


ATTACHMENTS: dict[str, Callable[[], bytes]] = {
    "releve-focale.csv": focus_drift,
    "fiche-17.pdf": sheet_17,
    "sequence-chassis.txt": frame_sequence,
    "parcours-deux-mois.txt": first_two_months,
    "qualifications-soudeurs.csv": welders,
    "comparatif-herve.csv": offer_comparison,
    "certificats-a-verifier.csv": certificates,
    "lexique-atelier.csv": glossary,
    "gamme-retours-clients.pdf": product_survey,
    "8d-herve.pdf": complaint_report,
    "attente-magasin.png": waiting_at_the_store,
    "ligne3-rebut-debit.png": scrap_by_flow,
    "imbrication-avant-apres.png": nesting,
}
