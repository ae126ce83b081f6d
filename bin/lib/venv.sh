# Shared by the commands of bin/ (sourced, POSIX sh). Sets $root and $python; `need base` and `need test` install a lock file.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
python=$root/.venv/bin/python
PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH}
PARVIS_DATA=${PARVIS_DATA:-$root/data}
export PYTHONPATH PARVIS_DATA
tested='(3, 11) <= sys.version_info[:2] <= (3, 13)' # the versions that CI runs

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

runs_tested_python() {
    "$1" -c "import sys; sys.exit(not $tested)" >/dev/null 2>&1
}

# Where a package is missing, the command that installs it here.
how_to_install() {
    if command -v apt-get >/dev/null; then
        echo "apt-get install $1"
    elif command -v dnf >/dev/null; then
        echo "dnf install $2"
    elif command -v brew >/dev/null; then
        echo "brew install $3"
    else
        echo "install it with the package manager of your system"
    fi
}

find_python() {
    for candidate in python3.13 python3.12 python3.11 python3; do
        # A name may be there and not run: a pyenv shim of a version that is not chosen.
        if runs_tested_python "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "Parvis needs Python 3.11, 3.12 or 3.13; here: $(python3 --version 2>/dev/null || echo none)." \
        "  $(how_to_install 'python3 python3-venv' python3.12 python@3.12)"
}

make_venv() {
    found=$(find_python) || exit 1
    if ! "$found" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        fail "Python $version is here, but not what makes virtual environments (venv and pip)." \
            "  $(how_to_install "python$version-venv" python3-pip "python@$version")   (or python3-venv)"
    fi
    echo "Making .venv with $("$found" --version)…" >&2
    # A link to somebody's shared environment is theirs: only a folder of our own is replaced.
    [ -L "$root/.venv" ] && fail ".venv is a link to an environment that does not run; remove the link first."
    rm -rf "$root/.venv"
    if ! "$found" -m venv "$root/.venv"; then
        rm -rf "$root/.venv"
        fail "The virtual environment could not be made (above: why)." "  $(how_to_install python3-venv python3-pip python3)"
    fi
}

# need NAME: requirements/NAME.txt is installed, exactly, in .venv. Takes no time when it already is.
need() {
    runs_tested_python "$python" || make_venv
    lock=$root/requirements/$1.txt
    stamp=$root/.venv/.installed-$1.txt
    cmp -s "$lock" "$stamp" && return
    echo "Installing requirements/$1.txt…" >&2
    "$python" -m pip --disable-pip-version-check install --quiet --require-hashes --requirement "$lock" ||
        fail "The installation did not finish (above: why). Start again to go on from here."
    cp "$lock" "$stamp"
}

compile_texts() {
    "$python" -P -m parvis.web.i18n compile
}
