#!/bin/sh
# Assembles the root of the container image in a folder: image-root.sh FOLDER BINARY
#
# In it are the binary, the C library and what ONNX Runtime needs of C++, the models (fetched, and
# checked by their SHA-256), the certificates of the usual authorities, the demo shop, and the user
# that the image runs as. Nothing else: no shell, no package manager.
set -eu
root=$1 binary=$2
case $root in
'' | /) echo "image-root.sh: name a folder of its own" >&2; exit 2 ;;
esac
rm -rf "$root"
for dir in etc/ssl/certs tmp usr/bin usr/share/floorwalker/models usr/share/floorwalker/shops var/cache/floorwalker var/lib/floorwalker; do
    mkdir -p "$root/$dir"
done
chmod 1777 "$root/tmp"
cp "$binary" "$root/usr/bin/floorwalker"

# The folders of the models, as `models list` names their files.
PYTHON=${PYTHON:-python3} "$binary" models pull
runtime=$("$binary" models list --json | sed 's/.*"runtime":"\([^"]*\)".*/\1/')
model=$("$binary" models list --json | sed 's/.*"model":"\([^"]*\)".*/\1/')
for file in "$runtime" "$model"; do
    cp -r "$(dirname "$file")" "$root/usr/share/floorwalker/models/"
done
chosen=$(dirname "$(dirname "$model")")/encoder.json # there if another encoder than the usual one is pinned
if [ -f "$chosen" ]; then cp "$chosen" "$root/usr/share/floorwalker/models/"; fi

# Shared libraries, where the dynamic loader looks for them.
for file in "$binary" "$runtime"; do
    ldd "$file" | sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p'
done | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done

cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
cp -r shops/demo "$root/usr/share/floorwalker/shops/"
printf 'root:x:0:0:root:/:/nonexistent\nfloorwalker:x:65532:65532::/var/lib/floorwalker:/nonexistent\n' >"$root/etc/passwd"
printf 'root:x:0:\nfloorwalker:x:65532:\n' >"$root/etc/group"
chmod -R a+rX,go-w "$root/etc" "$root/usr"
chmod 700 "$root/var/lib/floorwalker" "$root/var/cache/floorwalker"
du -sm "$root" | sed 's/\([0-9]*\).*/the image is of \1 MB/' >&2
