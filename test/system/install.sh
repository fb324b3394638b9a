#!/usr/bin/env bash
# Installs what the system tests need and npm cannot bring: Postfix, with smtp-sink and smtp-source. Debian and Ubuntu, as root.
# The machine's own Postfix, if it has one, is left alone: the tests run another one from a directory of their own.
set -euo pipefail

needed=(/usr/sbin/postfix /usr/sbin/smtp-sink /usr/sbin/smtp-source)
missing=0
for file in "${needed[@]}"; do [ -x "$file" ] || missing=1; done
[ "$missing" = 1 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "The system tests need Postfix (${needed[*]}). There is no apt-get here: install it in your system's way." >&2
  exit 1
fi
if [ "$(id -u)" != 0 ]; then
  echo "The system tests need Postfix. Install it (sudo apt-get install postfix), or run them as root." >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Without a configuration, the package starts no daemon of its own.
echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
apt-get install -y -qq --no-install-recommends postfix >/dev/null
