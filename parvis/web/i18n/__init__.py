"""Interface texts in French: found in the code, kept in one catalogue per app, compiled without gettext.

English is in the code. `python -m parvis.web.i18n extract` brings every `locale/fr/LC_MESSAGES/django.po` up to date with the
code, `compile` makes the `.mo` that Django reads, `check` says what is missing or wrong. JavaScript has no texts of its own:
its modules take them from `data-…` attributes.
"""
