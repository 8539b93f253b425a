#!/usr/bin/env bash
# Installs what the tests need (on Debian and its kin, where it may) and runs the whole suite.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"

# The window test paints in a virtual display, on a software Vulkan driver where there is no GPU.
packages=(libvulkan1 libxkbcommon-x11-0 mesa-vulkan-drivers xdotool xvfb)

missing_packages() {
    local package
    for package in "${packages[@]}"; do
        dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || echo "$package"
    done
}

install_packages() {
    command -v dpkg-query >/dev/null || return 0
    local missing as_root=()
    mapfile -t missing < <(missing_packages)
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            echo "test.sh: not installed, and no right to install: ${missing[*]}; the window test will be skipped" >&2
            return 0
        fi
        as_root=(sudo -n)
    fi
    echo "test.sh: installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    if ! { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"; } </dev/null >/dev/null; then
        echo "test.sh: apt-get could not install ${missing[*]}; the window test will be skipped" >&2
    fi
}

step() {
    echo "== $*"
    "$@" </dev/null
}

# Tests draw on several threads at once; EGL, which wgpu would try too, fails then now and then.
# WGPU_BACKEND alone does not keep it out of the window's tests; a list of drivers that is empty does.
[ "$(uname)" != Linux ] || export WGPU_BACKEND="${WGPU_BACKEND:-vulkan}" __EGL_VENDOR_LIBRARY_FILENAMES=/dev/null
# Each commit tries inputs of its own, and the same ones again: what failed once can be looked at.
if commit=$(git rev-parse --short=15 HEAD 2>/dev/null); then
    export PROPTEST_RNG_SEED="${PROPTEST_RNG_SEED:-$((16#$commit))}"
    echo "test.sh: property tests draw from PROPTEST_RNG_SEED=$PROPTEST_RNG_SEED"
fi
install_packages
step cargo fmt --check
step cargo clippy --release --all-targets -- -D warnings
# With the output of passing tests: the reference errors, and why a test was skipped.
step cargo test --release -- --show-output
RUSTDOCFLAGS="-D warnings" step cargo doc --release --no-deps
