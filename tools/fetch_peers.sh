#!/usr/bin/env bash
# Unpacks the Debian packages of the peers that tests and benchmarks run beside Veredus, without installing them (mail servers exclude
# one another, and none of them shall start by itself): build/peers/<package>/{usr,etc,…}.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p build/peers/archives
for package in "$@"; do
  [ -e "build/peers/$package/.complete" ] && continue
  (cd build/peers/archives && { apt-get download -q "$package" >&2 || { apt-get update -qq >&2 && apt-get download -q "$package" >&2; }; })
  mkdir -p "build/peers/$package"
  dpkg-deb -x "$(ls -t build/peers/archives/"$package"_*.deb | head -n 1)" "build/peers/$package"
  touch "build/peers/$package/.complete"
done
