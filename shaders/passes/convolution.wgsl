// A convolution as a product of matrices: rows are pixels, columns output channels, and the sum runs over taps and input
// channels, sixteen at a time. A workgroup makes 64 pixels × 32 channels, or one part of their sums.

struct Convolution {
    // Input channels, and their number rounded up to sixteen.
    inputs: u32,
    padded_inputs: u32,
    input_side: u32,
    // Output channels, and the columns of the weights.
    outputs: u32,
    columns: u32,
    side: u32,
    kernel: u32,
    stride: u32,
    padding: u32,
    // 1: every input pixel stands for 2×2.
    doubled: u32,
    // Chunks of sixteen products: of one part, and of all.
    chunks_per_part: u32,
    chunks: u32,
    // Channels of y, to find the next part.
    y_channels: u32,
    // 1: x is yet to be normed and cut off below zero.
    normed: u32,
    // 1: the bias is added; 2: and the hyperbolic tangent taken.
    finish: u32,
}

@group(0) @binding(0) var<uniform> convolution: Convolution;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> norms: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read> weights: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>;

const CHUNK = 16u;
// In fours.
const PIXELS = 16u;
const COLUMNS = 8u;

var<workgroup> pixels: array<vec4<f32>, 256>;
var<workgroup> rows: array<vec4<f32>, 128>;

fn input(channel: u32, place: u32, inside: bool) -> f32 {
    if !inside || channel >= convolution.inputs {
        return 0.0;
    }
    let value = x[channel * convolution.input_side * convolution.input_side + place];
    if convolution.normed == 1u {
        let norm = norms[channel];
        return max(value * norm.x + norm.y, 0.0);
    }
    return value;
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) unit: u32) {
    let side = convolution.side;
    let quad = unit % PIXELS;
    let column = unit / PIXELS;
    // Four pixels of one row.
    let pixel = (group.x * PIXELS + quad) * 4u;
    let row = pixel / side;
    let first = pixel % side;
    let enlarged = convolution.input_side << convolution.doubled;
    let first_chunk = group.z * convolution.chunks_per_part;
    let last_chunk = min(first_chunk + convolution.chunks_per_part, convolution.chunks);
    let chunks_per_tap = convolution.padded_inputs / CHUNK;
    var sums = array<vec4<f32>, 4>();
    for (var chunk = first_chunk; chunk < last_chunk; chunk++) {
        let tap = chunk / chunks_per_tap;
        let first_channel = chunk % chunks_per_tap * CHUNK;
        // Below zero these wrap around and are outside.
        let input_row = row * convolution.stride + tap / convolution.kernel - convolution.padding;
        let input_column = first * convolution.stride + tap % convolution.kernel - convolution.padding;
        var places: vec4<u32>;
        var insides: vec4<bool>;
        for (var at = 0u; at < 4u; at++) {
            let here = input_column + at * convolution.stride;
            insides[at] = input_row < enlarged && here < enlarged;
            places[at] = (input_row >> convolution.doubled) * convolution.input_side + (here >> convolution.doubled);
        }
        workgroupBarrier();
        for (var half = 0u; half < 2u; half++) {
            let k = column + half * COLUMNS;
            let channel = first_channel + k;
            pixels[k * PIXELS + quad] = vec4(
                input(channel, places.x, insides.x),
                input(channel, places.y, insides.y),
                input(channel, places.z, insides.z),
                input(channel, places.w, insides.w),
            );
        }
        rows[unit] = weights[(chunk * CHUNK + unit / COLUMNS) * (convolution.columns / 4u) + group.y * COLUMNS + unit % COLUMNS];
        workgroupBarrier();
        for (var k = 0u; k < CHUNK; k++) {
            let of_pixels = pixels[k * PIXELS + quad];
            let of_row = rows[k * COLUMNS + column];
            sums[0] += of_pixels * of_row.x;
            sums[1] += of_pixels * of_row.y;
            sums[2] += of_pixels * of_row.z;
            sums[3] += of_pixels * of_row.w;
        }
    }
    if pixel >= side * side {
        return;
    }
    for (var at = 0u; at < 4u; at++) {
        let output = (group.y * COLUMNS + column) * 4u + at;
        if output < convolution.outputs {
            var sum = sums[at];
            if convolution.finish >= 1u {
                sum += bias[output];
            }
            if convolution.finish == 2u {
                sum = tanh(sum);
            }
            y[((group.z * convolution.y_channels + output) * side * side + pixel) / 4u] = sum;
        }
    }
}
