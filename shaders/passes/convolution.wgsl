// A convolution as a product of matrices: rows are pixels, columns output channels, and the sum runs over taps and input
// channels, sixteen at a time. A workgroup makes 64 pixels × 32 channels, or one part of their sums. What the next sixteen
// need is on its way while the last are multiplied.

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

// Two chunks of each: one is filled while the other is read.
var<workgroup> pixels: array<vec4<f32>, 512>;
var<workgroup> rows: array<vec4<f32>, 256>;

// What a unit fetches of a chunk: four pixels of two channels, and four weights.
struct Fetched {
    first: vec4<f32>,
    second: vec4<f32>,
    row: vec4<f32>,
}

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

fn inputs(channel: u32, places: vec4<u32>, insides: vec4<bool>) -> vec4<f32> {
    return vec4(
        input(channel, places.x, insides.x),
        input(channel, places.y, insides.y),
        input(channel, places.z, insides.z),
        input(channel, places.w, insides.w),
    );
}

// `pixel`: the first of four of one row. `unit` of `group` of columns.
fn fetch(chunk: u32, pixel: u32, group: u32, unit: u32) -> Fetched {
    let chunks_per_tap = convolution.padded_inputs / CHUNK;
    let tap = chunk / chunks_per_tap;
    let channel = chunk % chunks_per_tap * CHUNK + unit / PIXELS;
    // Below zero these wrap around and are outside.
    let row = pixel / convolution.side * convolution.stride + tap / convolution.kernel - convolution.padding;
    let column = pixel % convolution.side * convolution.stride + tap % convolution.kernel - convolution.padding;
    let columns = vec4(column) + vec4(0u, 1u, 2u, 3u) * convolution.stride;
    let enlarged = convolution.input_side << convolution.doubled;
    let insides = vec4(row < enlarged) & (columns < vec4(enlarged));
    let places = vec4((row >> convolution.doubled) * convolution.input_side) + (columns >> vec4(convolution.doubled));
    let of_weights = (chunk * CHUNK + unit / COLUMNS) * (convolution.columns / 4u) + group * COLUMNS + unit % COLUMNS;
    return Fetched(
        inputs(channel, places, insides),
        inputs(channel + COLUMNS, places, insides),
        weights[of_weights],
    );
}

fn store(output: u32, part: u32, pixel: u32, of_pixels: vec4<f32>) {
    if output >= convolution.outputs {
        return;
    }
    var sum = of_pixels;
    if convolution.finish >= 1u {
        sum += bias[output];
    }
    if convolution.finish == 2u {
        sum = tanh(sum);
    }
    y[((part * convolution.y_channels + output) * convolution.side * convolution.side + pixel) / 4u] = sum;
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) unit: u32) {
    let quad = unit % PIXELS;
    let column = unit / PIXELS;
    let pixel = (group.x * PIXELS + quad) * 4u;
    let first_chunk = group.z * convolution.chunks_per_part;
    let last_chunk = min(first_chunk + convolution.chunks_per_part, convolution.chunks);
    // No array: a compiler that does not unroll would keep it in memory.
    var sum_0 = vec4<f32>();
    var sum_1 = vec4<f32>();
    var sum_2 = vec4<f32>();
    var sum_3 = vec4<f32>();
    var next = fetch(first_chunk, pixel, group.y, unit);
    for (var chunk = first_chunk; chunk < last_chunk; chunk++) {
        let of_pixels = (chunk & 1u) * CHUNK * PIXELS;
        let of_rows = (chunk & 1u) * CHUNK * COLUMNS;
        pixels[of_pixels + unit] = next.first;
        pixels[of_pixels + COLUMNS * PIXELS + unit] = next.second;
        rows[of_rows + unit] = next.row;
        // One is enough: who is a chunk ahead fills what nobody reads any more.
        workgroupBarrier();
        if chunk + 1u < last_chunk {
            next = fetch(chunk + 1u, pixel, group.y, unit);
        }
        for (var k = 0u; k < CHUNK; k++) {
            let four = pixels[of_pixels + k * PIXELS + quad];
            let row = rows[of_rows + k * COLUMNS + column];
            sum_0 += four * row.x;
            sum_1 += four * row.y;
            sum_2 += four * row.z;
            sum_3 += four * row.w;
        }
    }
    if pixel < convolution.side * convolution.side {
        let output = (group.y * COLUMNS + column) * 4u;
        store(output, group.z, pixel, sum_0);
        store(output + 1u, group.z, pixel, sum_1);
        store(output + 2u, group.z, pixel, sum_2);
        store(output + 3u, group.z, pixel, sum_3);
    }
}
