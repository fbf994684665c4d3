#!/usr/bin/env bash
# A .deb and a tarball of a built executable: with the weights, man pages, completions and the systemd unit, as below /usr.
# package.sh EXECUTABLE SHARE OUT
#   EXECUTABLE with Swift's own libraries in it (--static-swift-stdlib); SHARE as share.sh leaves it
#   OUT        gets tree/usr/..., fidediff_VERSION_ARCH.deb and fidediff-VERSION-linux-ARCH.tar.gz
# Needs dpkg-dev. No scripts run at installation: the unit is started by `systemctl enable --now fidediff`.
set -euo pipefail

executable=$1
share=$2
out=$3
version=$("$executable" --version)
architecture=$(dpkg --print-architecture)
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}

tree=$out/tree
rm -rf "$tree"
install -D -m 0755 -s "$executable" "$tree/usr/bin/fidediff"
install -D -m 0644 deploy/fidediff.service "$tree/usr/lib/systemd/system/fidediff.service"
mkdir -p "$tree/usr/share/fidediff/weights" "$tree/usr/share/doc/fidediff"
cp -r weights/default "$tree/usr/share/fidediff/weights/"
cp -r "$share"/. "$tree/usr/share/"
gzip -9nf "$tree"/usr/share/man/man1/*.1
cp NOTICE CHANGELOG.md README.md "$tree/usr/share/doc/fidediff/"
{ cat NOTICE; echo; cat LICENSE; } > "$tree/usr/share/doc/fidediff/copyright"
chmod -R u=rwX,go=rX "$tree"

if ldd "$tree/usr/bin/fidediff" | grep -E 'libswift|not found'; then
  echo "these libraries are not Debian's: build with --static-swift-stdlib" >&2
  exit 1
fi

# What the executable needs, by the packages that its libraries come from.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/debian"
printf 'Source: fidediff\n\nPackage: fidediff\nArchitecture: any\n' > "$work/debian/control"
cp "$tree/usr/bin/fidediff" "$work/fidediff"
depends=$(cd "$work" && dpkg-shlibdeps -O fidediff 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo "dpkg-shlibdeps names no package" >&2; exit 1; }

mkdir "$tree/DEBIAN"
cat > "$tree/DEBIAN/control" <<CONTROL
Package: fidediff
Version: $version
Architecture: $architecture
Maintainer: the fidediff authors <fidediff@localhost>
Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f1)
Depends: $depends
Recommends: ca-certificates
Section: graphics
Priority: optional
Description: removes motion blur from photographs
 An HTTP microservice and a command line that take motion blur out of photographs
 with FideDiff, a single-step diffusion model, on the processor alone. The weights
 are in the package (CC BY-SA 4.0); the program is under the Apache License 2.0.
CONTROL
deb=$out/fidediff_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz -z1 --build "$tree" "$deb" >/dev/null
mv "$tree/DEBIAN/control" "$out/control"
rmdir "$tree/DEBIAN"

name=fidediff-$version-linux-$architecture
tar -C "$tree/usr" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --transform "s,^\.,$name," \
  -czf "$out/$name.tar.gz" .
du -h "$deb" "$out/$name.tar.gz"
