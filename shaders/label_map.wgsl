// Draws one stage of the canvas: checkerboard, result, tracing guide, label map, outlines and stripes where the picture
// disobeys, in this order from the bottom. Everything is computed from the place of the pixel in the frame buffer, so edges are exact at any zoom and
// display scale. Colours are in gamma space, as everywhere in egui.

struct Stage {
    // The mask's top left corner, in frame buffer pixels.
    origin_px: vec2f,
    // Frame buffer pixels per mask pixel.
    zoom: f32,
    // The mask is drawn left of this column of the frame buffer ...
    mask_until_px: f32,
    // ... and the result from this one on.
    result_from_px: f32,
    // 1: the result's pixels are squares; 0: it is enlarged smoothly.
    result_pixels: f32,
    guide_opacity: f32,
    outline_opacity: f32,
    // Where the guide lies, in mask pixels: x, y, width, height.
    guide_place: vec4f,
    // Colour; in the last component the side of the squares in frame buffer pixels.
    checker_dark: vec4f,
    checker_light: vec4f,
    // Opacity of the stripes where the picture disobeys; from stripe to stripe in frame buffer pixels.
    stripes: vec4f,
    // Premultiplied; exactly transparent are hidden labels only.
    palette: array<vec4f, 64>,
}

@group(0) @binding(0) var<uniform> stage: Stage;
@group(0) @binding(1) var labels: texture_2d<u32>;
@group(0) @binding(2) var result: texture_2d<f32>;
@group(0) @binding(3) var guide: texture_2d<f32>;
@group(0) @binding(4) var differences: texture_2d<u32>;

// A pixel whose middle lies on the border of two texels belongs to the second one, whatever the division rounds to.
const TIE: f32 = 1.0 / 4096.0;
// Texels looked at for one pixel, along each axis.
const TAPS: i32 = 16;

@vertex
fn vertex(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
    // One triangle over the whole viewport.
    let corner = vec2f(f32((index << 1u) & 2u), f32(index & 2u));
    return vec4f(corner * 2.0 - 1.0, 0.0, 1.0);
}

@fragment
fn fragment_gamma(@builtin(position) position: vec4f) -> @location(0) vec4f {
    return pixel(position.xy);
}

@fragment
fn fragment_linear(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let color = pixel(position.xy);
    let low = color.rgb / 12.92;
    let high = pow((color.rgb + 0.055) / 1.055, vec3f(2.4));
    return vec4f(select(high, low, color.rgb <= vec3f(0.04045)), color.a);
}

fn pixel(at: vec2f) -> vec4f {
    let place = (at - stage.origin_px) / stage.zoom;
    let size = vec2f(textureDimensions(labels));
    if any(place < vec2f(0.0)) || any(place >= size) {
        return vec4f(0.0);
    }
    var color = checkerboard(at);
    if at.x >= stage.result_from_px {
        let dims = vec2f(textureDimensions(result));
        color = over(color, sampled(result, place / size * dims, dims / (size * stage.zoom), stage.result_pixels > 0.5));
    }
    let guide_at = (place - stage.guide_place.xy) / stage.guide_place.zw;
    if stage.guide_opacity > 0.0 && all(guide_at >= vec2f(0.0)) && all(guide_at < vec2f(1.0)) {
        let dims = vec2f(textureDimensions(guide));
        let texels_per_px = dims / (stage.guide_place.zw * stage.zoom);
        color = over(color, sampled(guide, guide_at * dims, texels_per_px, false) * stage.guide_opacity);
    }
    if at.x < stage.mask_until_px {
        color = masked(color, at, place);
    }
    if stage.stripes.x > 0.0 {
        color = striped(color, at);
    }
    return vec4f(color, 1.0);
}

fn over(below: vec3f, above: vec4f) -> vec3f {
    return below * (1.0 - above.a) + above.rgb;
}

fn checkerboard(at: vec2f) -> vec3f {
    let square = vec2i(floor((at - stage.origin_px) / stage.checker_dark.w));
    return select(stage.checker_dark.rgb, stage.checker_light.rgb, ((square.x + square.y) & 1) == 0);
}

// ---------------------------------------------------------------------------------------------- label map

fn masked(below: vec3f, at: vec2f, place: vec2f) -> vec3f {
    var mask: vec4f;
    if stage.zoom < 1.0 {
        mask = average_color(place);
    } else {
        mask = color_of(label_at(place));
    }
    return outlined(over(below, mask), below, at, label_at(place));
}

fn label_at(place: vec2f) -> u32 {
    let last = vec2i(textureDimensions(labels)) - 1;
    return textureLoad(labels, clamp(vec2i(floor(place + TIE)), vec2i(0), last), 0).r;
}

// Numbers that are no labels are left out, like hidden labels.
fn color_of(label: u32) -> vec4f {
    if label < 64u {
        return stage.palette[label];
    }
    return vec4f(0.0);
}

// The mean colour of the mask pixels under one screen pixel, by area.
fn average_color(place: vec2f) -> vec4f {
    let size = vec2f(textureDimensions(labels));
    let low = max(place - 0.5 / stage.zoom, vec2f(0.0));
    let high = min(place + 0.5 / stage.zoom, size);
    let first = vec2i(floor(low));
    let last = min(vec2i(ceil(high)), vec2i(size)) - 1;
    let step = (last - first) / TAPS + 1;
    var sum = vec4f(0.0);
    var weights = 0.0;
    for (var y = first.y; y <= last.y; y += step.y) {
        let row = min(f32(y) + 1.0, high.y) - max(f32(y), low.y);
        for (var x = first.x; x <= last.x; x += step.x) {
            let weight = row * (min(f32(x) + 1.0, high.x) - max(f32(x), low.x));
            sum += weight * color_of(textureLoad(labels, vec2i(x, y), 0).r);
            weights += weight;
        }
    }
    return sum / max(weights, 1e-6);
}

// A line along the right and the lower border of a label, one screen pixel wide: dark on light colours, light on dark.
fn outlined(color: vec3f, below: vec3f, at: vec2f, own: u32) -> vec3f {
    // Borders closer together than pixels would fill the picture.
    let strength = stage.outline_opacity * smoothstep(0.3, 0.8, stage.zoom);
    if strength <= 0.0 {
        return color;
    }
    let right = label_at((at + vec2f(1.0, 0.0) - stage.origin_px) / stage.zoom);
    let lower = label_at((at + vec2f(0.0, 1.0) - stage.origin_px) / stage.zoom);
    let other = select(lower, right, right != own);
    let hidden = color_of(own).a == 0.0 && color_of(other).a == 0.0;
    if other == own || hidden {
        return color;
    }
    let brightness = 0.5 * (luma(color) + luma(over(below, color_of(other))));
    return mix(color, vec3f(select(1.0, 0.0, brightness > 0.5)), strength);
}

fn luma(color: vec3f) -> f32 {
    return dot(color, vec3f(0.299, 0.587, 0.114));
}

// ---------------------------------------------------------------------------------------------- obedience

// Stripes in the colour of the label that is read, with dark edges, and a dark and a light line around the area.
fn striped(below: vec3f, at: vec2f) -> vec3f {
    let read = difference_at(at);
    let beside = difference_at(at + vec2f(1.0, 0.0));
    let under = difference_at(at + vec2f(0.0, 1.0));
    if (read < 64u) != (beside < 64u) || (read < 64u) != (under < 64u) {
        return mix(below, vec3f(select(0.0, 1.0, read < 64u)), 0.85 * stage.stripes.x);
    }
    if read >= 64u {
        return below;
    }
    let entry = stage.palette[read];
    let color = select(vec3f(0.5), entry.rgb / max(entry.a, 1e-3), entry.a > 0.0);
    let period = stage.stripes.y;
    let along = at - stage.origin_px;
    let part = fract((along.x + along.y) / period);
    if part < 0.5 {
        return mix(below, color, stage.stripes.x);
    }
    // A dark edge on both sides, so that stripes show on a ground of nearly their own colour.
    let to_stripe = min(part - 0.5, 1.0 - part) * period * 0.7071;
    return mix(below, vec3f(0.0), 0.65 * stage.stripes.x * (1.0 - smoothstep(0.4, 1.1, to_stripe)));
}

// The label that is read at a place of the frame buffer, 64 or more where that is what the mask has.
fn difference_at(at: vec2f) -> u32 {
    let place = (at - stage.origin_px) / stage.zoom / vec2f(textureDimensions(labels));
    let dims = vec2f(textureDimensions(differences));
    let texel = clamp(vec2i(floor(place * dims + TIE)), vec2i(0), vec2i(dims) - 1);
    return textureLoad(differences, texel, 0).r;
}

// ---------------------------------------------------------------------------------------------- pictures

// A picture at a place in texels, premultiplied. Reduced pictures are averaged by area.
fn sampled(picture: texture_2d<f32>, texel: vec2f, texels_per_px: vec2f, pixels: bool) -> vec4f {
    if any(texels_per_px > vec2f(1.0)) {
        return mean(picture, texel, max(texels_per_px, vec2f(1.0)));
    }
    if pixels {
        return load(picture, vec2i(floor(texel + TIE)));
    }
    return catmull_rom(picture, texel);
}

fn load(picture: texture_2d<f32>, texel: vec2i) -> vec4f {
    let last = vec2i(textureDimensions(picture)) - 1;
    let color = textureLoad(picture, clamp(texel, vec2i(0), last), 0);
    return vec4f(color.rgb * color.a, color.a);
}

fn mean(picture: texture_2d<f32>, texel: vec2f, reach: vec2f) -> vec4f {
    let low = texel - 0.5 * reach;
    let high = texel + 0.5 * reach;
    let first = vec2i(floor(low));
    let last = vec2i(ceil(high)) - 1;
    let step = (last - first) / TAPS + 1;
    var sum = vec4f(0.0);
    var weights = 0.0;
    for (var y = first.y; y <= last.y; y += step.y) {
        let row = min(f32(y) + 1.0, high.y) - max(f32(y), low.y);
        for (var x = first.x; x <= last.x; x += step.x) {
            let weight = row * (min(f32(x) + 1.0, high.x) - max(f32(x), low.x));
            sum += weight * load(picture, vec2i(x, y));
            weights += weight;
        }
    }
    return sum / max(weights, 1e-6);
}

// Sharper than bilinear filtering, and without its grid. The result is kept in range, since the curve overshoots.
fn catmull_rom(picture: texture_2d<f32>, texel: vec2f) -> vec4f {
    let base = floor(texel - 0.5);
    let part = texel - 0.5 - base;
    let columns = cubic_weights(part.x);
    let rows = cubic_weights(part.y);
    let first = vec2i(base) - 1;
    var sum = vec4f(0.0);
    for (var y = 0; y < 4; y++) {
        var row = vec4f(0.0);
        for (var x = 0; x < 4; x++) {
            row += columns[x] * load(picture, first + vec2i(x, y));
        }
        sum += rows[y] * row;
    }
    return clamp(sum, vec4f(0.0), vec4f(1.0));
}

fn cubic_weights(t: f32) -> vec4f {
    return vec4f(
        t * (t * (1.0 - 0.5 * t) - 0.5),
        1.0 + t * t * (1.5 * t - 2.5),
        t * (0.5 + t * (2.0 - 1.5 * t)),
        t * t * (0.5 * t - 0.5),
    );
}
