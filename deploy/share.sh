#!/usr/bin/env bash
# Man pages and shell completions from the definitions of the commands: swift-argument-parser's own generators.
# share.sh FOLDER: man/man1, bash-completion/completions, zsh/site-functions, fish/vendor_completions.d, as below /usr/share.
set -euo pipefail

share=$1
swift build --product fidediff
fidediff=$(swift build --show-bin-path)/fidediff
mkdir -p "$share"/{man/man1,bash-completion/completions,zsh/site-functions,fish/vendor_completions.d}
"$fidediff" --generate-completion-script bash > "$share/bash-completion/completions/fidediff"
"$fidediff" --generate-completion-script zsh > "$share/zsh/site-functions/_fidediff"
"$fidediff" --generate-completion-script fish > "$share/fish/vendor_completions.d/fidediff.fish"
bash -n "$share/bash-completion/completions/fidediff"

manual=$(mktemp -d)
trap 'rm -rf "$manual"' EXIT
swift package --allow-writing-to-directory "$manual" generate-manual --output-directory "$manual" --multi-page >/dev/null
rm -f "$share"/man/man1/*
install -m 0644 "$manual"/fidediff*.1 "$share/man/man1/"
# An error of the markup, not of its style.
mandoc -T lint -W error "$share"/man/man1/*.1
for command in serve deblur blur-level model; do
  [ -s "$share/man/man1/fidediff.$command.1" ] || { echo "no manual page for $command" >&2; exit 1; }
done
echo "man pages and completions are in $share"
