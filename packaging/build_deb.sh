#!/usr/bin/env bash
# Makes build/veredus_VERSION_ARCH.deb from the release build: the program, the unit, the manual pages of docs/. Needs dpkg-deb.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
./dev build release
version=$(sed -n 's/^project(veredus VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
architecture=$(dpkg --print-architecture)
root=build/deb
rm -rf "$root"
install -D -m 755 build/release/src/veredus "$root/usr/bin/veredus"
strip --strip-unneeded "$root/usr/bin/veredus"
install -D -m 644 packaging/veredus.service "$root/lib/systemd/system/veredus.service"
install -d "$root/usr/share/doc/veredus" "$root/DEBIAN"
cp -r README.md LICENSE docs "$root/usr/share/doc/veredus/"
# The libraries the program is linked to, by the packages that own them; some packages name their files without /usr.
owner_of() { dpkg -S "$1" 2>/dev/null || dpkg -S "${1#/usr}" 2>/dev/null || { echo "no package owns $1" >&2; return 1; }; }
libraries=$(ldd build/release/src/veredus | awk '/=> \//{print $3}' | xargs -n1 readlink -f)
depends=$(for library in $libraries; do owner_of "$library"; done | cut -d: -f1 | sort -u | paste -sd, | sed 's/,/, /g')
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@DEPENDS@/$depends, adduser, dns-root-data/" \
  packaging/debian/control.in >"$root/DEBIAN/control"
install -m 755 packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm "$root/DEBIAN/"
dpkg-deb --root-owner-group --build "$root" "build/veredus_${version}_${architecture}.deb"
