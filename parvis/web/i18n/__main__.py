"""`python -m parvis.web.i18n extract | compile | check`."""

import argparse
import sys

from parvis.web.i18n import catalogues


def main() -> int:
    """Runs one of the three; 1 when `check` finds something."""
    parser = argparse.ArgumentParser(
        prog="python -m parvis.web.i18n", description="Interface texts and their translation."
    )
    parser.add_argument("command", choices=["extract", "compile", "check"])
    command = parser.parse_args().command
    if command == "compile":
        catalogues.compile_all()
        return 0
    from parvis.web.i18n import checks  # what finds texts needs Django, which `compile` does without

    if command == "extract":
        for app, missing in checks.update_all().items():
            if missing:
                print(f"{app}: {missing} to translate")
        return 0
    problems = checks.find_problems()
    print("\n".join(problems) or "Every text is translated.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
