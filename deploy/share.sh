#!/usr/bin/env bash
# Man pages and shell completions from the definitions of the commands: swift-argument-parser's own generators, asked of a built executable.
# share.sh EXECUTABLE FOLDER: man/man1, bash-completion/completions, zsh/site-functions, fish/vendor_completions.d, as below /usr/share.
# BUILD may hold flags of `swift build`, so that what is built already is built once.
set -euo pipefail

executable=$1
share=$2
mkdir -p "$share"/{man/man1,bash-completion/completions,zsh/site-functions,fish/vendor_completions.d}
"$executable" --generate-completion-script bash > "$share/bash-completion/completions/fidediff"
"$executable" --generate-completion-script zsh > "$share/zsh/site-functions/_fidediff"
"$executable" --generate-completion-script fish > "$share/fish/vendor_completions.d/fidediff.fish"
bash -n "$share/bash-completion/completions/fidediff"

# shellcheck disable=SC2086
swift build -c release --product generate-manual ${BUILD:-} >&2
# shellcheck disable=SC2086
generator=$(swift build -c release ${BUILD:-} --show-bin-path)/generate-manual
rm -f "$share"/man/man1/*
"$generator" "$executable" --multi-page --output-directory "$share/man/man1" >/dev/null
# Which program the pages belong to; the generator leaves the field empty.
sed -i "s/^\.Os$/.Os fidediff $("$executable" --version)/" "$share"/man/man1/*.1
# An error of the markup, not of its style.
mandoc -T lint -W error "$share"/man/man1/*.1
for command in serve deblur blur-level model; do
  [ -s "$share/man/man1/fidediff.$command.1" ] || { echo "no manual page for $command" >&2; exit 1; }
done
echo "man pages and completions are in $share"
