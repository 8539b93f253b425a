// A generator's picture, planar f32 in [-1, 1], becomes an opaque RGBA texture with 8 bits per channel.

struct Planes {
    size: vec2<u32>,
    // Element of the red value at (0, 0), counted from the start of the binding.
    first: u32,
    // Distances between neighbours, in elements.
    channel_stride: u32,
    row_stride: u32,
    column_stride: u32,
}

// Bits rather than floats: a compiler may assume that a float is a number, and so take a test for NaN away.
@group(0) @binding(0) var<storage, read> values: array<u32>;
@group(0) @binding(1) var<uniform> planes: Planes;
@group(0) @binding(2) var picture: texture_storage_2d<rgba8unorm, write>;

// In steps of 1/255, rounded to the nearest like the pixels that are made in main memory; NaN becomes 0.
fn stepped(at: u32) -> f32 {
    let bits = values[at];
    if (bits & 0x7fffffffu) > 0x7f800000u {
        return 0.0;
    }
    let value = clamp(bitcast<f32>(bits), -1.0, 1.0);
    return floor(value * 127.5 + 128.0) / 255.0;
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) pixel: vec3<u32>) {
    if pixel.x >= planes.size.x || pixel.y >= planes.size.y {
        return;
    }
    let red = planes.first + pixel.y * planes.row_stride + pixel.x * planes.column_stride;
    let green = red + planes.channel_stride;
    let blue = green + planes.channel_stride;
    textureStore(picture, vec2<i32>(pixel.xy), vec4<f32>(stepped(red), stepped(green), stepped(blue), 1.0));
}
