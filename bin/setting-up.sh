# Shared by bin/run, bin/test and bin/check: how an environment comes to be. Sourced with $top set.

say() { printf '%s  %-9s  %s\n' "$(date +%H:%M:%S)" setup "$*"; }
give_up() { printf 'madoguchi: %s\n' "$*" >&2; exit 1; }

if [ "$(id -u)" = 0 ]; then
  runtime=${MADOGUCHI_RUNTIME:-/opt/madoguchi}
  cache=${MADOGUCHI_ASTERISK_CACHE:-/var/cache/madoguchi/asterisk}
else
  runtime=${MADOGUCHI_RUNTIME:-$top}
  cache=${MADOGUCHI_ASTERISK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/madoguchi/asterisk}
  [ -e /var/cache/madoguchi/asterisk/current ] && cache=${MADOGUCHI_ASTERISK_CACHE:-/var/cache/madoguchi/asterisk}
fi

# The interpreter: the system's own first, since the user `madoguchi` must be able to read it too.
python=
for candidate in /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
  if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    python=$candidate
    break
  fi
done
[ "$python" ] || give_up "Python 3.11 or later is needed. On Debian 12: apt-get install python3"

# need_basics: what every command here stands on; other systems than Debian may have it under other names.
need_basics() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null || need_debian_packages python3-venv
  [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -d /etc/pki/tls ] || need_debian_packages ca-certificates
}

# need_debian_packages NAME…: install those that are missing, or say the one line that does.
need_debian_packages() {
  missing=
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ "$missing" ] || return 0
  command -v apt-get >/dev/null || give_up "Please install with your system's tools:$missing"
  if [ "$(id -u)" = 0 ]; then
    as_root=
  elif sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
    as_root=sudo
  else
    give_up "Some Debian packages are missing. Install them with: apt-get install$missing"
  fi
  say "installing Debian packages:$missing"
  log=$(mktemp)
  { $as_root apt-get -qq -o DPkg::Lock::Timeout=60 update && DEBIAN_FRONTEND=noninteractive $as_root apt-get -qq -y \
      -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=60 --no-install-recommends install $missing; } >"$log" 2>&1 ||
    { tail -n 3 "$log" >&2; rm -f "$log"; give_up "apt-get could not install:$missing"; }
  rm -f "$log"
}

# make_environment FOLDER REQUIREMENTS: a virtual environment with exactly these packages, each checked by its hash.
make_environment() {
  folder=$1 requirements=$2
  stamp=$(cat "$requirements" | sha256sum | cut -c 1-64)
  if [ "$(cat "$folder/stamp" 2>/dev/null)" = "$stamp" ] && "$folder/bin/python" -c '' 2>/dev/null; then
    return 0
  fi
  say "installing Python packages into $folder"
  if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --clear "$folder" || give_up "No virtual environment could be made in $folder."
  fi
  [ -x "$folder/bin/uv" ] || "$folder/bin/python" -m pip -qq --disable-pip-version-check --retries 2 install 'uv==0.13.*' 2>/dev/null ||
    give_up "The package index cannot be reached. Look at the network (or at PIP_INDEX_URL) and start again."
  install_with_uv || install_with_pip ||
    give_up "The Python packages could not be installed; the lines above say why."
  printf '%s\n' "$stamp" > "$folder/stamp"
}

# uv is quick, but does not read pip's settings: an index that replaces the public one is passed on to it.
install_with_uv() {
  index=${PIP_INDEX_URL:-$("$folder/bin/python" -m pip config list | sed -n "s/^[^=]*\.index.url='\(.*\)'\$/\1/p" | head -n 1)}
  [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
  [ -z "${PIP_CERT:-}" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$PIP_CERT}"
  UV_PYTHON_DOWNLOADS=never "$folder/bin/uv" pip install --quiet --python "$folder/bin/python" \
    --require-hashes --compile-bytecode --requirement "$requirements"
}

# pip knows of its owner's mirrors and folders, which may be all that this machine can reach.
install_with_pip() {
  say "trying again with pip"
  "$folder/bin/python" -m pip --quiet install --require-hashes --requirement "$requirements"
}

# copy_program: let the environment know our package; for root, as a copy that the system user can read.
copy_program() {
  known=$(find "$top/src" -type f ! -name '*.pyc' -printf '%p %s %T@\n' | sort | sha256sum)
  [ "$(cat "$runtime/.venv/program" 2>/dev/null)" != "$known" ] || return 0
  if [ "$runtime" != "$top" ]; then
    rm -rf "$runtime/src.new"
    cp -R "$top/src" "$runtime/src.new"
    rm -rf "$runtime/src"
    mv "$runtime/src.new" "$runtime/src"
    chmod -R a+rX "$runtime/src"
  fi
  know_our_package
  "$runtime/.venv/bin/python" -c 'from madoguchi.program.translations import compile_catalogue; compile_catalogue()'
  "$runtime/.venv/bin/python" -m compileall -q -j 0 "$runtime/src/madoguchi" >/dev/null 2>&1 || true
  printf '%s\n' "$known" > "$runtime/.venv/program"
  [ "$runtime" != /opt/madoguchi ] || ln -sf "$runtime/.venv/bin/madoguchi" /usr/local/bin/madoguchi
}

# know_our_package: `import madoguchi` and the command `madoguchi` work in the environment.
know_our_package() {
  packages=$("$runtime/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  printf '%s\n' "$runtime/src" > "$packages/madoguchi.pth"
  printf '#!%s/.venv/bin/python\nfrom madoguchi.program.main import main\n\nmain()\n' "$runtime" \
    > "$runtime/.venv/bin/madoguchi"
  chmod 755 "$runtime/.venv/bin/madoguchi"
}

# Asterisk comes beside the Python packages: its fetching needs nothing but Python's own library.
start_fetching_asterisk() {
  asterisk_job=
  [ -e "$cache/current" ] && return 0
  PYTHONPATH=$top/src "$python" -B -c '
import os, sys, time
from pathlib import Path
os.setpgid(0, 0)
from madoguchi.program.asterisk_install import ensure
from madoguchi.program.errors import ProgramError
def say(text):
    print(time.strftime("%H:%M:%S"), " asterisk  ", text, flush=True)
try:
    ensure(Path(sys.argv[1]), say)
except ProgramError as error:
    sys.exit(f"madoguchi: {error}")
' "$cache" &
  asterisk_job=$!
  # Whoever stops here stops the fetching too, with the apt-get that it runs.
  trap 'kill -TERM -- "-$asterisk_job" 2>/dev/null; exit 130' INT TERM
  trap 'kill -TERM -- "-$asterisk_job" 2>/dev/null || true' EXIT
}

wait_for_asterisk() {
  [ "$asterisk_job" ] || return 0
  wait "$asterisk_job" || give_up "Asterisk could not be brought here; see above."
  trap - INT TERM EXIT
}
