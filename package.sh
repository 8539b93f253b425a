#!/bin/sh
# Makes the program that is given to people: target/package/scgan, with both models in it, at most 150 MB.
# Equal functions are folded and relocations packed, which LLD does, Rust's own linker on Linux; where it runs it wants glibc 2.36.
set -eu
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-target}
cargo rustc --release --bin scgan -- -C strip=symbols -C link-arg=-Wl,--icf=all -C link-arg=-Wl,-z,pack-relative-relocs
mkdir -p target/package
cp "$target/release/scgan" target/package/scgan
size=$(wc -c < target/package/scgan)
echo "target/package/scgan: $((size / 1000000)) MB"
[ "$size" -le 150000000 ] || { echo "That is more than 150 MB." >&2; exit 1; }
