// Adds up the parts of a convolution's sums, and finds what norms a channel: one workgroup for each.

struct Norm {
    // The first channel in y and in the norms.
    first: u32,
    // In fours.
    pixels: u32,
    y_channels: u32,
    parts: u32,
}

@group(0) @binding(0) var<uniform> norm: Norm;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
// Scale and shift of the channels from the first on.
@group(0) @binding(2) var<storage, read> affine: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> norms: array<vec2<f32>>;

const UNITS = 256u;
const EPSILON = 1e-5;

var<workgroup> shares: array<f32, 256>;

fn total(share: f32, unit: u32) -> f32 {
    workgroupBarrier();
    shares[unit] = share;
    workgroupBarrier();
    for (var half = UNITS / 2u; half > 0u; half /= 2u) {
        if unit < half {
            shares[unit] += shares[unit + half];
        }
        workgroupBarrier();
    }
    return shares[0];
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) unit: u32) {
    let channel = norm.first + group.x;
    let start = channel * norm.pixels;
    let next = norm.y_channels * norm.pixels;
    var share = 0.0;
    for (var pixel = unit; pixel < norm.pixels; pixel += UNITS) {
        var value = y[start + pixel];
        if norm.parts > 1u {
            for (var part = 1u; part < norm.parts; part++) {
                value += y[start + pixel + part * next];
            }
            y[start + pixel] = value;
        }
        share += dot(value, vec4(1.0));
    }
    let count = f32(norm.pixels * 4u);
    let mean = total(share, unit) / count;
    share = 0.0;
    for (var pixel = unit; pixel < norm.pixels; pixel += UNITS) {
        let centred = y[start + pixel] - mean;
        share += dot(centred, centred);
    }
    let variance = total(share, unit) / count;
    if unit == 0u {
        let factor = affine[group.x].x / sqrt(variance + EPSILON);
        norms[channel] = vec2(factor, affine[group.x].y - mean * factor);
    }
}
