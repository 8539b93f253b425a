// What is no convolution and no norm: labels as planes, the latent's layer, attributes as planes, and the end of a block.

struct Small {
    // Of the values written.
    count: u32,
    // Values of a plane, or the side of one.
    size: u32,
    inputs: u32,
    // Where the first value goes.
    first: u32,
}

@group(0) @binding(0) var<uniform> small: Small;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> norms: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read> labels: array<u32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

// One plane for each label: 1 where it is.
@compute @workgroup_size(256)
fn one_hot(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < small.count {
        y[id.x] = select(0.0, 1.0, labels[id.x % small.size] == id.x / small.size);
    }
}

var<workgroup> shares: array<f32, 256>;

// The latent through its layer; the last row of the weights is the bias. Eight units add up one value: the sum is long, and each
// product waits for memory.
@compute @workgroup_size(256)
fn latent(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) unit: u32) {
    let value = group.x * 32u + unit % 32u;
    var sum = 0.0;
    if value < small.count {
        for (var at = unit / 32u; at < small.inputs; at += 8u) {
            sum += source[at] * weights[at * small.count + value];
        }
    }
    shares[unit] = sum;
    workgroupBarrier();
    if unit < 32u && value < small.count {
        sum += weights[small.inputs * small.count + value];
        for (var other = 1u; other < 8u; other++) {
            sum += shares[other * 32u + unit];
        }
        y[small.first + value] = sum;
    }
}

// A plane of one value for each attribute.
@compute @workgroup_size(256)
fn planes(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < small.count {
        y[small.first + id.x] = source[id.x / small.size];
    }
}

// The end of a block: `source` normed, plus the skip path, here the weights, with every pixel repeated 2×2.
@compute @workgroup_size(256)
fn block_end(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= small.count {
        return;
    }
    let side = small.size;
    let channel = id.x / (side * side);
    let pixel = id.x % (side * side);
    let half = side / 2u;
    let skip = weights[channel * half * half + pixel / side / 2u * half + pixel % side / 2u];
    let norm = norms[channel];
    y[id.x] = max(source[id.x] * norm.x + norm.y + skip, 0.0);
}
