// Characters: shadow maps, then colour and label of every subsample in one pass, so that the two agree exactly.
// Lengths are decimetres; `rest` is the position on the base mesh before morphs and poses, where regions of the face are fixed.

struct Frame {
    view_projection: mat4x4f,
    unproject: mat4x4f,
    light_projection: array<mat4x4f, 3>,
    // Camera; w: side of the supersampled picture in px.
    eye: vec4f,
    // Towards the light; w: radius of its penumbra in shadow-map coordinates. 0 key, 1 fill, 2 sky.
    light_direction: array<vec4f, 3>,
    light_colour: array<vec4f, 3>,
    sky: vec4f,
    ground: vec4f,
    // Two colours, an accent, and (kind, seed, height of the floor, 1 if there is one).
    backdrop: array<vec4f, 4>,
    // Centres and radii.
    left_eye: vec4f,
    right_eye: vec4f,
    left_gaze: vec4f,
    right_gaze: vec4f,
    head: vec4f,
    // Exposure, grain, warmth, seed.
    post: vec4f,
    // Ids of face, nose, lips, ears; neck, inner mouth, eyes, -.
    labels: array<vec4f, 2>,
}

struct Draw {
    // Kind, label, 1 with a normal map, 1 with an occlusion map.
    kind: vec4f,
    // Colour; how much of the texture's light and dark is kept.
    base: vec4f,
    // Pattern: second colour, kind.
    second: vec4f,
    // Roughness, specular reflection at right angles, mean luminance of the texture, 1 for hashed transparency.
    surface: vec4f,
    // What is cut off: beyond these along arms and legs, below and above these heights.
    cut: vec4f,
    // Neckline: depth and width; pattern: scale, shift; of hair, the height of the fringe is the third.
    neck: vec4f,
    lipstick: vec4f,
    shadow: vec4f,
    blush: vec4f,
    // Freckles, blemishes, stubble, lines.
    marks: vec4f,
    // Colour of the beard; height of this shell of it, 0–1.
    beard: vec4f,
    // How far the texture's hue is replaced by a usual one, -, -; how oily the skin is.
    complexion: vec4f,
}

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var shadow_map: texture_depth_2d_array;
@group(0) @binding(2) var shadow_sampler: sampler_comparison;
@group(1) @binding(0) var<uniform> draw: Draw;
@group(2) @binding(0) var diffuse_map: texture_2d<f32>;
@group(2) @binding(1) var normal_map: texture_2d<f32>;
@group(2) @binding(2) var occlusion_map: texture_2d<f32>;
@group(2) @binding(3) var map_sampler: sampler;

const SKIN = 0u;
const EYE = 1u;
const HAIR = 2u;
const BROW = 3u;
const MOUTH = 4u;
const CLOTH = 5u;
const SHOE = 6u;
const BEARD = 7u;

struct VertexIn {
    @location(0) position: vec3f,
    @location(1) normal: vec3f,
    @location(2) rest: vec3f,
    @location(3) uv: vec2f,
    @location(4) limbs: vec2f,
    // How much of an ear; where in a shell of beard.
    @location(5) extra: vec3f,
}

struct Surface {
    // The same in both passes over the figure, to the last bit.
    @builtin(position) @invariant clip: vec4f,
    @location(0) world: vec3f,
    @location(1) normal: vec3f,
    @location(2) rest: vec3f,
    @location(3) uv: vec2f,
    @location(4) limbs: vec2f,
    @location(5) extra: vec3f,
    @location(6) @interpolate(flat) what: vec4u,
}

// What fragments branch on: kind, pattern, 1 with a normal map and 2 more with an occlusion map, 1 for hashed transparency.
// It comes from the vertices because lavapipe compiles a fragment shader anew for every value of a uniform that it branches
// on, and keeps all of them.
fn what() -> vec4u {
    return vec4u(u32(draw.kind.x), u32(draw.second.w), u32(draw.kind.z) + 2u * u32(draw.kind.w), u32(draw.surface.w));
}

@vertex
fn surface_vertex(in: VertexIn) -> Surface {
    let what = what();
    // Cloth lies close; skin gives way to it by a hair's breadth, away from the camera, where there is any.
    let back = select(0.0, 0.15 * (1.0 - smoothstep(5.8, 6.2, in.rest.y)), what.x == SKIN);
    let seen_at = in.position + normalize(in.position - frame.eye.xyz) * back;
    return Surface(frame.view_projection * vec4f(seen_at, 1.0), in.position, in.normal, in.rest, in.uv, in.limbs, in.extra, what);
}

fn shadow_vertex(in: VertexIn, light: u32) -> Surface {
    return Surface(frame.light_projection[light] * vec4f(in.position, 1.0), in.position, in.normal, in.rest, in.uv, in.limbs, in.extra, what());
}

@vertex
fn key_shadow_vertex(in: VertexIn) -> Surface { return shadow_vertex(in, 0u); }
@vertex
fn fill_shadow_vertex(in: VertexIn) -> Surface { return shadow_vertex(in, 1u); }
@vertex
fn sky_shadow_vertex(in: VertexIn) -> Surface { return shadow_vertex(in, 2u); }

fn hash_u(value: u32) -> u32 {
    var x = value * 747796405u + 2891336453u;
    x = ((x >> ((x >> 28u) + 4u)) ^ x) * 277803737u;
    return (x >> 22u) ^ x;
}

fn hash3(p: vec3u) -> f32 {
    return f32(hash_u(p.x ^ hash_u(p.y ^ hash_u(p.z))) >> 8u) / 16777216.0;
}

fn lattice(p: vec3i) -> f32 {
    let q = vec3u(p + vec3i(32768)) * vec3u(73856093u, 19349663u, 83492791u);
    return f32(hash_u(q.x ^ q.y ^ q.z) >> 8u) / 16777216.0;
}

// Smooth value noise in 0–1.
fn noise(p: vec3f) -> f32 {
    let cell = vec3i(floor(p));
    let f = fract(p);
    let w = f * f * (3.0 - 2.0 * f);
    let x00 = mix(lattice(cell), lattice(cell + vec3i(1, 0, 0)), w.x);
    let x10 = mix(lattice(cell + vec3i(0, 1, 0)), lattice(cell + vec3i(1, 1, 0)), w.x);
    let x01 = mix(lattice(cell + vec3i(0, 0, 1)), lattice(cell + vec3i(1, 0, 1)), w.x);
    let x11 = mix(lattice(cell + vec3i(0, 1, 1)), lattice(cell + vec3i(1, 1, 1)), w.x);
    return mix(mix(x00, x10, w.y), mix(x01, x11, w.y), w.z);
}

// Spots of a random size around random points, 0–1.
fn spots(p: vec3f, share: f32) -> f32 {
    let cell = vec3i(floor(p));
    var most = 0.0;
    for (var i = 0; i < 8; i++) {
        let near = cell + vec3i(i & 1, (i >> 1) & 1, (i >> 2) & 1) - vec3i(select(vec3(0), vec3(1), fract(p) < vec3f(0.5)));
        let at = vec3f(near) + vec3f(lattice(near), lattice(near + vec3i(71, 0, 0)), lattice(near + vec3i(0, 113, 0)));
        let kind = lattice(near + vec3i(0, 0, 197));
        let radius = 0.12 + 0.3 * kind * kind;
        if (lattice(near + vec3i(31, 57, 11)) < share) {
            most = max(most, 1.0 - smoothstep(0.4 * radius, radius, distance(p, at)));
        }
    }
    return most;
}

fn is_cut(rest: vec3f, limbs: vec2f) -> bool {
    // A neckline follows the neck: over the shoulders it is out of reach.
    let shoulders = select(0.0, 1.3 * max(abs(rest.x) - 0.62, 0.0), draw.cut.w > 4.0);
    let neckline = draw.cut.w + shoulders - draw.neck.x * exp(-pow(rest.x / draw.neck.y, 2.0)) * smoothstep(-0.2, 0.5, rest.z);
    return limbs.x > draw.cut.x || limbs.y > draw.cut.y || rest.y + 30.0 * limbs.x < draw.cut.z || rest.y > neckline;
}

// Hair before the face ends above the brows, strand by strand at another height, and lets the cheeks be seen.
fn is_fringe(rest: vec3f) -> bool {
    let x = abs(rest.x);
    let uneven = 0.10 * (noise(vec3f(rest.x * 26.0, 1.0, rest.z * 9.0)) - 0.5);
    let end = draw.neck.z + uneven - 1.1 * smoothstep(0.42, 0.74, x);
    return rest.z > 0.5 && x < 0.74 && rest.y > 5.9 && rest.y < end;
}

// Whether a fragment of this opacity is seen in this subsample: transparency without an order.
fn is_seen(opacity: f32, clip: vec4f) -> bool {
    let threshold = hash3(vec3u(u32(clip.x), u32(clip.y), bitcast<u32>(clip.z)));
    return opacity > max(threshold, 0.02);
}

fn beard_area(rest: vec3f) -> f32 {
    let x = abs(rest.x);
    let cheek = 6.74 + 0.62 * max(x - 0.22, 0.0) - 0.10 * exp(-pow((x - 0.34) / 0.10, 2.0));
    let jaw = jaw_height(rest);
    let sides = smoothstep(0.30, 0.75, rest.z);
    let below = 1.0 - smoothstep(cheek - 0.11, cheek + 0.05, rest.y);
    let moustache = (1.0 - smoothstep(0.22, 0.33, x)) * (1.0 - smoothstep(6.79, 6.85, rest.y));
    let under_lip = 1.0 - (1.0 - smoothstep(0.03, 0.13, x)) * smoothstep(6.40, 6.46, rest.y) * (1.0 - smoothstep(6.50, 6.56, rest.y)) * 0.4;
    return max(below, moustache) * sides * smoothstep(jaw - 0.34, jaw - 0.04, rest.y) * under_lip * (1.0 - lip_area(rest));
}

// Height of the jaw line over the neck at this depth.
fn jaw_height(rest: vec3f) -> f32 {
    return 6.17 + 0.44 * max(1.30 - rest.z, 0.0) + 0.10 * smoothstep(1.2, 0.6, rest.z);
}

// Distance from the edge of the lips, positive within; smooth at 1/30.
fn lip_area(rest: vec3f) -> f32 {
    let x = abs(rest.x);
    let at = x / 0.262;
    let bow = 0.014 * exp(-pow(x / 0.028, 2.0));
    let upper = 6.617 + 0.098 * pow(max(1.0 - at * at, 0.0), 0.75) - bow;
    let lower = 6.617 - 0.118 * pow(max(1.0 - at * at, 0.0), 0.62);
    let inside = min(upper - rest.y, rest.y - lower);
    return smoothstep(-0.012, 0.012, inside) * step(1.0, rest.z) * step(at, 1.0);
}

fn nose_area(rest: vec3f) -> f32 {
    let x = abs(rest.x);
    let up = clamp((rest.y - 6.86) / (7.26 - 6.86), 0.0, 1.0);
    var half_width = mix(0.225, 0.095, smoothstep(0.0, 0.75, up));
    half_width = half_width * sqrt(clamp((rest.y - 6.735) / 0.10, 0.0, 1.0));
    let ends = smoothstep(6.735, 6.755, rest.y) * (1.0 - smoothstep(7.24, 7.28, rest.y));
    return smoothstep(-0.012, 0.012, half_width - x) * ends * step(1.2, rest.z);
}

@fragment
fn shadow_fragment(in: Surface) {
    let kind = in.what.x;
    if (is_cut(in.rest, in.limbs)) { discard; }
    if (kind == BEARD || (kind == HAIR && is_fringe(in.rest))) { discard; }
    if (in.what.w == 1u) {
        if (!is_seen(textureSampleLevel(diffuse_map, map_sampler, in.uv, 0.0).a, in.clip)) { discard; }
    }
}

// Share of a light that arrives, through a penumbra turned at random in every subsample.
fn lit(world: vec3f, normal: vec3f, light: u32, clip: vec4f) -> f32 {
    let place = frame.light_projection[light] * vec4f(world + 0.035 * normal, 1.0);
    let at = vec2f(0.5 + 0.5 * place.x, 0.5 - 0.5 * place.y);
    let angle = 6.2832 * hash3(vec3u(u32(clip.x), u32(clip.y), light + 17u));
    let radius = frame.light_direction[light].w;
    let turn = mat2x2f(cos(angle), sin(angle), -sin(angle), cos(angle));
    var sum = 0.0;
    for (var i = 0; i < 4; i++) {
        let spread = sqrt((f32(i) + 0.5) / 4.0) * radius;
        let offset = turn * vec2f(cos(2.4 * f32(i)), sin(2.4 * f32(i))) * spread;
        sum += textureSampleCompareLevel(shadow_map, shadow_sampler, at + offset, light, place.z - 0.0012);
    }
    return 0.25 * sum;
}

fn specular(normal: vec3f, view: vec3f, light: vec3f, roughness: f32, f0: f32) -> f32 {
    let half_way = normalize(view + light);
    let nh = max(dot(normal, half_way), 0.0);
    let nv = max(dot(normal, view), 0.05);
    let nl = max(dot(normal, light), 0.0);
    let a = roughness * roughness;
    let d = nh * nh * (a * a - 1.0) + 1.0;
    let k = 0.5 * a;
    let visible = 0.25 / ((nv * (1.0 - k) + k) * (nl * (1.0 - k) + k) + 1e-4);
    let fresnel = f0 + (1.0 - f0) * pow(1.0 - max(dot(view, half_way), 0.0), 5.0);
    return min(a * a / (3.1416 * d * d) * visible * fresnel * nl, 8.0);
}

fn ambient(normal: vec3f) -> vec3f {
    return mix(frame.ground.rgb, frame.sky.rgb, 0.5 + 0.5 * normal.y);
}

// Direct and scattered light on a surface whose red, green and blue spread by `wrap` past the terminator.
struct Light {
    diffuse: vec3f,
    specular: vec3f,
}

fn lighting(world: vec3f, normal: vec3f, smooth_normal: vec3f, view: vec3f, roughness: f32, f0: f32, wrap: vec3f, clip: vec4f) -> Light {
    var light: Light;
    var sky_seen = 1.0;
    for (var i = 0u; i < 3u; i++) {
        let direction = frame.light_direction[i].xyz;
        let seen = lit(world, smooth_normal, i, clip);
        let colour = frame.light_colour[i].rgb;
        let spread = (vec3f(dot(normal, direction)) + wrap) / (1.0 + wrap);
        let fall = max(spread, vec3f(0.0));
        // The edge of a shadow on skin is red: light goes sideways beneath it.
        let edge = pow(vec3f(seen), 1.0 - 0.55 * wrap);
        light.diffuse += colour * fall * edge;
        light.specular += colour * specular(normal, view, direction, roughness, f0) * seen;
        if (i == 2u) { sky_seen = seen; }
    }
    let open = mix(0.5, 1.0, sky_seen);
    light.diffuse += ambient(normal) * open;
    let mirrored = reflect(-view, normal);
    let grazing = f0 + (1.0 - f0) * pow(1.0 - max(dot(view, normal), 0.0), 5.0) * (1.0 - roughness);
    light.specular += ambient(mirrored) * grazing * open * 0.7;
    return light;
}

// A tangent frame from derivatives: no tangents are stored.
fn bent(normal: vec3f, world_x: vec3f, world_y: vec3f, uv_x: vec2f, uv_y: vec2f, map: vec3f) -> vec3f {
    let across_y = cross(world_y, normal);
    let across_x = cross(normal, world_x);
    let t = across_y * uv_x.x + across_x * uv_y.x;
    let b = across_y * uv_x.y + across_x * uv_y.y;
    let longest = max(dot(t, t), dot(b, b));
    let by = inverseSqrt(max(longest, 1e-20));
    return normalize(t * by * map.x - b * by * map.y + normal * map.z);
}

fn bumped(normal: vec3f, p: vec3f, strength: f32) -> vec3f {
    let e = 0.12;
    let n0 = noise(p);
    let slope = vec3f(noise(p + vec3f(e, 0.0, 0.0)) - n0, noise(p + vec3f(0.0, e, 0.0)) - n0, noise(p + vec3f(0.0, 0.0, e)) - n0);
    return normalize(normal - strength * (slope - normal * dot(slope, normal)) / e);
}

fn luminance(colour: vec3f) -> f32 {
    return dot(colour, vec3f(0.2126, 0.7152, 0.0722));
}

struct Shaded {
    colour: vec3f,
    label: f32,
}

fn shade_skin(in: Surface, normal: vec3f, view: vec3f, texel: vec3f) -> Shaded {
    let rest = in.rest;
    let is_head = rest.y > 6.1 && in.uv.x > 0.63;
    let cavity = abs(rest.x) < 0.4 && rest.y > 6.15 && in.uv.x > 0.755 && in.uv.x < 0.927 && in.uv.y > 0.86;
    let socket = in.uv.x < 0.155 && in.uv.y > 0.36 && in.uv.y < 0.46 && rest.y > 7.0;
    let front = select(0.0, 1.0, is_head);
    let lips = lip_area(rest) * front;
    let nose = nose_area(rest) * front;
    let jaw = jaw_height(rest);
    // Labels first: they must not depend on looks.
    var label = frame.labels[0].x;
    if (!is_head || rest.y < jaw) { label = frame.labels[1].x; }
    if (in.extra.x > 0.22) { label = frame.labels[0].w; }
    if (nose > 0.5) { label = frame.labels[0].y; }
    if (lips > 0.5) { label = frame.labels[0].z; }
    if (cavity) { label = frame.labels[1].y; }
    if (socket) { label = frame.labels[1].z; }

    var colour = texel * draw.base.rgb;
    colour = mix(colour, luminance(colour) * vec3f(1.30, 0.93, 0.72), draw.complexion.r);
    // Uneven blood and pigment.
    let blood = noise(rest * 5.0) - 0.5;
    colour *= 1.0 + vec3f(0.05, -0.03, -0.03) * blood + 0.05 * (noise(rest * 23.0) - 0.5);
    let x = abs(rest.x);
    let cheek = exp(-pow((x - 0.44) / 0.20, 2.0) - pow((rest.y - 6.95) / 0.17, 2.0)) * front * step(0.8, rest.z);
    let tip = exp(-pow(x / 0.16, 2.0) - pow((rest.y - 6.90) / 0.10, 2.0)) * front * step(1.3, rest.z);
    colour *= mix(vec3f(1.0), vec3f(1.05, 0.93, 0.91), clamp(cheek + 0.8 * tip + 0.7 * in.extra.x, 0.0, 1.0));
    colour = mix(colour, draw.blush.rgb * luminance(colour) * 2.2, draw.blush.a * cheek);
    let freckled = clamp(cheek * 1.2 + tip + 0.25 * front, 0.0, 1.0);
    if (min(draw.marks.x, freckled - 0.05) > 0.0) {
        let freckles = spots(rest * 22.0, 0.55) * draw.marks.x * freckled;
        colour *= mix(vec3f(1.0), vec3f(0.72, 0.56, 0.42), freckles);
    }
    if (draw.marks.y * front > 0.0) {
        let blemishes = spots(rest * 7.0 + 3.0, 0.16) * draw.marks.y;
        colour *= mix(vec3f(1.0), vec3f(1.0, 0.72, 0.68), blemishes);
    }
    // Eye shadow and liner around the upper lids.
    let ex = (x - 0.315) / 0.19;
    let lid = exp(-ex * ex * 1.6) * smoothstep(7.29, 7.33, rest.y) * (1.0 - smoothstep(7.36, 7.50, rest.y)) * front * step(1.0, rest.z);
    colour = mix(colour, draw.shadow.rgb * (0.4 + luminance(colour)), draw.shadow.a * lid);
    // Lips.
    let lip_colour = select(draw.lipstick.rgb * (0.35 + 1.3 * luminance(colour)), colour * vec3f(1.02, 0.80, 0.80), draw.lipstick.a < 0.01);
    colour = mix(colour, lip_colour, lips * max(draw.lipstick.a, 0.75));
    if (draw.marks.z * front > 0.0) {
        let hairs = mix(0.55, 1.0, noise(rest * vec3f(95.0, 40.0, 95.0)));
        colour = mix(colour, draw.beard.rgb * 0.8, clamp(draw.marks.z * beard_area(rest) * hairs, 0.0, 0.92));
    }
    // Lines of age.
    if (min(draw.marks.w * front, rest.z - 1.0) > 0.0) {
        let lines = draw.marks.w;
        let brow_lines = smoothstep(0.62, 0.9, noise(vec3f(rest.x * 1.6, (rest.y + 0.03 * sin(rest.x * 7.0)) * 17.0, 3.0))) * smoothstep(7.6, 7.7, rest.y) * (1.0 - smoothstep(7.95, 8.1, rest.y));
        let feet = smoothstep(0.62, 0.9, noise(vec3f(rest.x * 4.0, rest.y * 26.0 + rest.x * 8.0, 9.0))) * exp(-pow((x - 0.60) / 0.09, 2.0) - pow((rest.y - 7.27) / 0.12, 2.0));
        colour *= 1.0 - 0.30 * lines * clamp(brow_lines + feet, 0.0, 1.0);
    }
    if (cavity) { colour *= vec3f(0.45, 0.30, 0.30); }
    if (socket) { colour *= vec3f(0.55, 0.35, 0.33); }

    var pores = bumped(normal, rest * 38.0, 0.012 + 0.02 * draw.marks.w);
    pores = bumped(pores, rest * 9.0, 0.012 + 0.015 * draw.marks.w);
    if (lips > 0.1) { pores = bumped(normal, rest * vec3f(60.0, 9.0, 20.0), 0.05 * lips); }
    let zone = clamp(exp(-pow(x / 0.2, 2.0)) + tip, 0.0, 1.0) * front;
    var roughness = mix(0.56, 0.42, draw.complexion.a * zone) - 0.10 * lips * (0.4 + draw.lipstick.a);
    roughness = clamp(roughness + 0.12 * (noise(rest * 31.0) - 0.5), 0.22, 0.8);
    let wrap = vec3f(0.42, 0.20, 0.12) * mix(1.0, 0.5, clamp(1.0 - luminance(draw.base.rgb * texel) * 3.0, 0.0, 1.0));
    let light = lighting(in.world, pores, normal, view, roughness, 0.030, wrap, in.clip);
    // Thin ears glow when lit from behind.
    let glow = in.extra.x * max(dot(-normal, frame.light_direction[2].xyz), 0.0) * 0.35;
    let through = frame.light_colour[2].rgb * vec3f(0.9, 0.22, 0.12) * glow;
    var depth_shade = 1.0;
    if (cavity) { depth_shade = 0.5; }
    return Shaded(colour * (light.diffuse * depth_shade + through) + light.specular * select(1.0, 0.3, cavity || socket), label);
}

fn shade_eye(in: Surface, view: vec3f, texel: vec3f) -> Shaded {
    let is_left = in.rest.x > 0.0;
    var centre = frame.right_eye;
    var gaze = frame.right_gaze.xyz;
    if (is_left) { centre = frame.left_eye; gaze = frame.left_gaze.xyz; }
    let out = normalize(in.world - centre.xyz);
    let facing = dot(out, gaze);
    let iris = smoothstep(0.86, 0.90, facing);
    // The cornea bulges: its centre lies before the eye's.
    let cornea = normalize(in.world - centre.xyz - gaze * 0.42 * centre.w);
    let mirror = normalize(mix(out, cornea, smoothstep(0.80, 0.90, facing)));
    // The folder's brown is nearly red.
    let brown = vec3f(texel.r, max(texel.g, 0.50 * texel.r), max(texel.b, 0.22 * texel.r)) * 1.4;
    var colour = mix(texel * vec3f(0.86, 0.82, 0.80), brown, iris);
    // Light gathers on the side of the iris away from it.
    let across = dot(normalize(out - gaze * facing), -frame.light_direction[0].xyz);
    colour *= 1.0 + 0.5 * iris * max(across, 0.0);
    // Lids and lashes shade the ball.
    let height = in.rest.y - 7.285;
    let shade = mix(0.42, 1.0, smoothstep(0.085, -0.02, height)) * mix(0.75, 1.0, smoothstep(-0.12, -0.04, height));
    let side = mix(0.6, 1.0, smoothstep(0.20, 0.10, abs(abs(in.rest.x) - 0.315)));
    let light = lighting(in.world, out, out, view, 0.25, 0.02, vec3f(0.3, 0.2, 0.18), in.clip);
    let mirrored = reflect(-view, mirror);
    let window = smoothstep(0.955, 0.985, dot(mirrored, frame.light_direction[0].xyz)) * 2.4;
    let second = smoothstep(0.965, 0.990, dot(mirrored, frame.light_direction[1].xyz)) * 0.8;
    let catchlight = frame.light_colour[0].rgb * window + frame.light_colour[1].rgb * second;
    let wet = ambient(mirrored) * (0.03 + 0.5 * pow(1.0 - max(dot(view, mirror), 0.0), 5.0));
    return Shaded(colour * light.diffuse * shade * side + (catchlight * 0.45 + wet) * mix(0.4, 1.0, shade), frame.labels[1].z);
}

fn shade_hair(in: Surface, normal: vec3f, view: vec3f, texel: vec4f, along: vec3f) -> Shaded {
    let tone = luminance(texel.rgb) / draw.surface.z;
    let detail = clamp(pow(max(tone, 0.02), draw.base.a), 0.35, 2.1);
    let strands = 0.75 + 0.5 * noise(vec3f(in.uv * vec2f(900.0, 60.0), 2.0));
    let lightness = noise(in.rest * 2.2);
    var colour = mix(draw.base.rgb, draw.second.rgb, smoothstep(0.35, 0.8, lightness) * 0.6) * detail * strands;
    let around = normalize(in.world - frame.head.xyz);
    let soft = normalize(mix(normal, around, 0.68));
    let tangent = normalize(along - soft * dot(along, soft) + vec3f(1e-4, 0.0, 0.0));
    var direct = vec3f(0.0);
    var shine = vec3f(0.0);
    for (var i = 0u; i < 3u; i++) {
        let direction = frame.light_direction[i].xyz;
        let seen = lit(in.world, soft, i, in.clip);
        let wrapped = max((dot(soft, direction) + 0.35) / 1.35, 0.0);
        direct += frame.light_colour[i].rgb * wrapped * mix(0.12, 1.0, seen);
        let half_way = normalize(view + direction);
        let jitter = 0.35 * (strands - 1.0);
        let first = dot(normalize(tangent + soft * (jitter - 0.08)), half_way);
        let later = dot(normalize(tangent + soft * (jitter + 0.16)), half_way);
        let lobe = pow(sqrt(max(1.0 - first * first, 0.0)), 110.0);
        let tinted = pow(sqrt(max(1.0 - later * later, 0.0)), 34.0);
        let front = smoothstep(-0.15, 0.4, dot(soft, direction)) * seen;
        shine += frame.light_colour[i].rgb * front * (vec3f(0.05) * lobe + draw.base.rgb * 0.55 * tinted) * draw.surface.y;
    }
    // Deep between the strands it is dark.
    let depth = mix(0.55, 1.0, smoothstep(0.6, 1.1, length(in.world - frame.head.xyz) / frame.head.w));
    let sky = ambient(soft) * 0.8;
    return Shaded(colour * (direct * 0.9 + sky) * depth + shine, draw.kind.y);
}

fn pattern(kind: u32, rest: vec3f, limbs: vec2f) -> f32 {
    let s = draw.neck.z;
    // Sleeves and trouser legs carry the pattern along themselves.
    let down = select(rest.y, 5.2 - 5.6 * limbs.x, limbs.x > 0.03);
    let across = select(rest.x, rest.x * 0.7 + rest.z, limbs.x > 0.03);
    let p = vec2f(across, down) * s + draw.neck.w;
    if (kind == 1u) { return smoothstep(0.46, 0.54, abs(fract(p.y) * 2.0 - 1.0)); }
    if (kind == 2u) { return smoothstep(0.46, 0.54, abs(fract(p.x) * 2.0 - 1.0)); }
    if (kind == 3u) {
        let a = smoothstep(0.45, 0.55, abs(fract(p.x) * 2.0 - 1.0));
        let b = smoothstep(0.45, 0.55, abs(fract(p.y) * 2.0 - 1.0));
        return 0.5 * a + 0.5 * b;
    }
    if (kind == 4u) {
        let row = floor(p.y);
        let cell = vec2f(fract(p.x + 0.5 * (row - 2.0 * floor(row / 2.0))), fract(p.y)) - 0.5;
        return 1.0 - smoothstep(0.24, 0.30, length(cell));
    }
    if (kind == 5u) {
        let wide = smoothstep(0.40, 0.48, abs(fract(p.y * 0.33) * 2.0 - 1.0));
        return wide;
    }
    return 0.0;
}

fn shade_cloth(in: Surface, normal: vec3f, view: vec3f, texel: vec4f, occlusion: f32) -> Shaded {
    let tone = luminance(texel.rgb) / draw.surface.z;
    // Folds and seams of the texture remain, prints are reduced to a hint.
    let detail = clamp(mix(1.0, pow(max(tone, 0.05), 0.75), draw.base.a), 0.55, 1.35);
    let own = mix(draw.base.rgb, draw.second.rgb, pattern(in.what.y, in.rest, in.limbs));
    var colour = own * detail;
    if (in.what.y == 9u) { colour = texel.rgb * draw.base.rgb; }
    let weave = noise(in.rest * vec3f(70.0, 70.0, 70.0)) - 0.5;
    colour *= 1.0 + 0.10 * weave;
    var n = normal;
    if (in.what.x == CLOTH && (in.what.z & 1u) == 0u) {
        // Knit without a normal map folds a little.
        n = bumped(n, in.rest * vec3f(2.2, 1.3, 2.2) + 5.0, 0.16);
        n = bumped(n, in.rest * vec3f(5.0, 3.0, 5.0), 0.05);
    }
    let light = lighting(in.world, n, normal, view, draw.surface.x, draw.surface.y, vec3f(0.15), in.clip);
    let sheen = pow(1.0 - max(dot(view, n), 0.0), 3.0) * 0.10;
    return Shaded(colour * (light.diffuse * occlusion + ambient(n) * sheen) + light.specular * occlusion, draw.kind.y);
}

fn tone_mapped(colour: vec3f) -> vec3f {
    let x = max(colour * frame.post.x, vec3f(0.0));
    let mapped = (x * (2.2 * x + 0.10)) / (x * (2.05 * x + 0.66) + 0.13);
    let warm = mapped * vec3f(1.0 + 0.05 * frame.post.z, 1.0, 1.0 - 0.06 * frame.post.z);
    return clamp(warm, vec3f(0.0), vec3f(1.0));
}

fn encoded(colour: vec3f) -> vec3f {
    return select(1.055 * pow(colour, vec3f(1.0 / 2.4)) - 0.055, 12.92 * colour, colour < vec3f(0.0031308));
}

struct Sample {
    @location(0) colour: vec4f,
    @location(1) label: u32,
}

// Whether there is nothing at a point of the mesh: cut off, or between hairs.
fn is_absent(in: Surface, opacity: f32) -> bool {
    let kind = in.what.x;
    if (is_cut(in.rest, in.limbs) || (kind == HAIR && is_fringe(in.rest))) { return true; }
    // Brows are sparse; what lies among their hairs is brow too.
    if (in.what.w == 1u && !is_seen(opacity * select(1.0, draw.base.a, kind == BROW), in.clip)) { return true; }
    if (kind == BEARD) {
        let area = beard_area(in.rest) * select(0.0, 1.0, in.uv.x > 0.63);
        return beard_strand(in.rest) * area < 0.30 + 0.52 * draw.beard.w || !is_seen(draw.marks.z * 1.1, in.clip);
    }
    return false;
}

fn beard_strand(rest: vec3f) -> f32 {
    return noise(rest * vec3f(75.0, 30.0, 75.0) + vec3f(0.0, 9.0 * draw.beard.w, 0.0));
}

// First which point of the figure each subsample sees; then only that one is shaded.
@fragment
fn depth_fragment(in: Surface) {
    let texel = textureSampleGrad(diffuse_map, map_sampler, in.uv, dpdx(in.uv), dpdy(in.uv));
    if (is_absent(in, texel.a)) { discard; }
}

// What lies over the figure without a label of its own.
@fragment
fn fine_fragment(in: Surface) -> Sample {
    let texel = textureSampleGrad(diffuse_map, map_sampler, in.uv, dpdx(in.uv), dpdy(in.uv));
    let absent = is_absent(in, texel.a);
    let sample = shade(in);
    if (absent) { discard; }
    return sample;
}

@fragment
fn surface_fragment(in: Surface) -> Sample {
    return shade(in);
}

fn shade(in: Surface) -> Sample {
    let kind = in.what.x;
    let world_x = dpdx(in.world);
    let world_y = dpdy(in.world);
    let uv_x = dpdx(in.uv);
    let uv_y = dpdy(in.uv);
    let texel = textureSampleGrad(diffuse_map, map_sampler, in.uv, uv_x, uv_y);
    let view = normalize(frame.eye.xyz - in.world);
    var normal = normalize(in.normal);
    if (dot(normal, view) < 0.0 && kind != EYE && kind != SKIN) { normal = -normal; }
    let geometric = normal;
    if ((in.what.z & 1u) != 0u) {
        let map = textureSampleGrad(normal_map, map_sampler, in.uv, uv_x, uv_y).xyz * 2.0 - 1.0;
        normal = bent(normal, world_x, world_y, uv_x, uv_y, vec3f(map.xy, max(map.z, 0.2)));
    }
    var occlusion = 1.0;
    if ((in.what.z & 2u) != 0u) { occlusion = mix(1.0, textureSampleGrad(occlusion_map, map_sampler, in.uv, uv_x, uv_y).r, 0.7); }
    var shaded: Shaded;
    switch kind {
        case 0u: { shaded = shade_skin(in, normal, view, texel.rgb); }
        case 1u: { shaded = shade_eye(in, view, texel.rgb); }
        case 2u: {
            let along = world_y * uv_x.x - world_x * uv_y.x;
            shaded = shade_hair(in, normal, view, texel, normalize(along + vec3f(1e-6, 1e-6, 0.0)));
        }
        case 3u: {
            let light = lighting(in.world, normal, normal, view, 0.6, 0.02, vec3f(0.3), in.clip);
            shaded = Shaded(draw.base.rgb * (0.6 + 0.8 * luminance(texel.rgb)) * light.diffuse, draw.kind.y);
        }
        case 4u: {
            let light = lighting(in.world, normal, normal, view, 0.3, 0.03, vec3f(0.3, 0.15, 0.1), in.clip);
            let deep = smoothstep(0.95, 1.45, in.rest.z);
            shaded = Shaded(texel.rgb * draw.base.rgb * light.diffuse * mix(0.2, 0.9, deep) + light.specular * 0.6 * deep, draw.kind.y);
        }
        case 7u: {
            let strand = beard_strand(in.rest);
            let light = lighting(in.world, normal, normal, view, 0.5, 0.03, vec3f(0.3), in.clip);
            let tone = (0.55 + 0.75 * draw.beard.w) * (0.5 + 1.1 * strand);
            shaded = Shaded(draw.beard.rgb * tone * light.diffuse + 0.25 * light.specular, draw.kind.y);
        }
        default: { shaded = shade_cloth(in, normal, view, texel, occlusion); }
    }
    return Sample(vec4f(encoded(tone_mapped(shaded.colour)), 1.0), u32(shaded.label + 0.5));
}

struct Screen {
    @builtin(position) clip: vec4f,
    @location(0) at: vec2f,
    // What fragments branch on, for the reason above: scene, 1 with a floor, subsamples along a side.
    @location(1) @interpolate(flat) what: vec3u,
}

@vertex
fn screen_vertex(@builtin(vertex_index) index: u32) -> Screen {
    let corner = vec2f(f32((index << 1u) & 2u), f32(index & 2u)) * 2.0 - 1.0;
    let info = frame.backdrop[3];
    return Screen(vec4f(corner, 1.0, 1.0), corner, vec3u(u32(info.x), u32(info.w), u32(frame.backdrop[2].w)));
}

fn scene_colour(at: vec2f, kind: u32, seed: u32) -> vec3f {
    let low = frame.backdrop[0].rgb;
    let high = frame.backdrop[1].rgb;
    let accent = frame.backdrop[2].rgb;
    if (kind == 0u) {
        // A studio's paper with a pool of light on it.
        let centre = vec2f(0.6 * (hash3(vec3u(seed, 1u, 1u)) - 0.5), 0.35 * hash3(vec3u(seed, 2u, 1u)));
        let pool = exp(-dot(at - centre, at - centre) * 0.9);
        let mottled = noise(vec3f(at * 1.7, f32(seed % 97u))) - 0.5;
        return mix(low, high, pool) * (1.0 + 0.16 * mottled);
    }
    if (kind == 1u) {
        // Far lights out of focus.
        var colour = mix(low, high, smoothstep(-1.0, 1.0, at.y)) * (0.7 + 0.6 * noise(vec3f(at * 1.3, f32(seed % 89u))));
        for (var i = 0u; i < 14u; i++) {
            let place = vec2f(hash3(vec3u(seed, i, 3u)), hash3(vec3u(seed, i, 4u))) * 2.6 - 1.3;
            let radius = 0.08 + 0.2 * hash3(vec3u(seed, i, 5u));
            let inside = 1.0 - smoothstep(0.8 * radius, radius, distance(at, place));
            let tint = mix(accent, high * 2.0, hash3(vec3u(seed, i, 6u)));
            colour += tint * inside * 0.35 * hash3(vec3u(seed, i, 7u));
        }
        return colour;
    }
    if (kind == 2u) {
        // A room: blurred upright shapes, a window among them.
        var colour = mix(low, high, smoothstep(-1.2, 1.2, at.y));
        for (var i = 0u; i < 6u; i++) {
            let place = vec2f(hash3(vec3u(seed, i, 8u)) * 2.8 - 1.4, hash3(vec3u(seed, i, 9u)) * 1.8 - 0.9);
            let size = vec2f(0.15 + 0.4 * hash3(vec3u(seed, i, 10u)), 0.3 + 0.9 * hash3(vec3u(seed, i, 11u)));
            let away = abs(at - place) - size;
            let inside = (1.0 - smoothstep(-0.14, 0.14, away.x)) * (1.0 - smoothstep(-0.14, 0.14, away.y));
            let tint = mix(mix(low, accent, 0.6), high * 1.5, hash3(vec3u(seed, i, 12u)));
            colour = mix(colour, tint, 0.7 * inside);
        }
        return colour;
    }
    // Outdoors: leaves below and beside, sky above.
    let leaves = noise(vec3f(at * 2.2, f32(seed % 83u))) * 0.8 + noise(vec3f(at * 4.5, f32(seed % 83u) + 9.0)) * 0.2;
    let sky = smoothstep(-0.1, 0.9, at.y + 0.9 * (leaves - 0.5));
    return mix(low * (0.45 + 1.1 * leaves), high * (1.0 + 0.25 * leaves), sky) + accent * 0.14 * smoothstep(0.5, 0.9, leaves) * (1.0 - sky);
}

@fragment
fn backdrop_fragment(in: Screen) -> Sample {
    let info = frame.backdrop[3];
    let seed = u32(info.y);
    var colour = scene_colour(in.at, in.what.x, seed);
    let far = frame.unproject * vec4f(in.at, 1.0, 1.0);
    let ray = normalize(far.xyz / far.w - frame.eye.xyz);
    if (in.what.y == 1u && ray.y < -1e-3) {
        // The floor runs into the wall without an edge.
        let reach = (info.z - frame.eye.y) / ray.y;
        let at = frame.eye.xyz + reach * ray;
        let near = 1.0 - smoothstep(4.0, 16.0, length(at.xz));
        let seen = vec3f(lit(at, vec3f(0.0, 1.0, 0.0), 0u, in.clip), lit(at, vec3f(0.0, 1.0, 0.0), 1u, in.clip), lit(at, vec3f(0.0, 1.0, 0.0), 2u, in.clip));
        let contact = 1.0 - 0.5 * exp(-dot(at.xz, at.xz) * 0.16);
        let dark = 1.0 - 0.45 * (1.0 - seen.x) - 0.18 * (1.0 - seen.y) - 0.25 * (1.0 - seen.z);
        let floor_colour = frame.backdrop[0].rgb * (0.92 + 0.16 * noise(at * vec3f(0.8, 1.0, 0.8)));
        colour = mix(colour, floor_colour, smoothstep(0.0, -0.22, ray.y)) * mix(1.0, dark * contact, near);
    }
    return Sample(vec4f(encoded(tone_mapped(colour)), 1.0), 0u);
}

@group(0) @binding(3) var samples_colour: texture_2d<f32>;
@group(0) @binding(4) var samples_label: texture_2d<u32>;

fn decoded(colour: vec3f) -> vec3f {
    return select(pow((colour + 0.055) / 1.055, vec3f(2.4)), colour / 12.92, colour < vec3f(0.04045));
}

// The mean colour of a pixel's subsamples, and in alpha the label that most of them have, the smaller of two as frequent.
@fragment
fn resolve_fragment(in: Screen) -> @location(0) vec4f {
    let factor = i32(in.what.z);
    let corner = vec2i(in.clip.xy) * factor;
    var sum = vec3f(0.0);
    var counts = array<u32, 32>();
    for (var y = 0; y < factor; y++) {
        for (var x = 0; x < factor; x++) {
            let at = corner + vec2i(x, y);
            sum += decoded(textureLoad(samples_colour, at, 0).rgb);
            counts[min(textureLoad(samples_label, at, 0).r, 31u)] += 1u;
        }
    }
    var label = 0u;
    for (var i = 1u; i < 32u; i++) {
        if (counts[i] > counts[label]) { label = i; }
    }
    let away = in.at * 0.72;
    let vignette = 1.0 - 0.18 * dot(away, away);
    let grain = hash3(vec3u(u32(in.clip.x), u32(in.clip.y), u32(frame.post.w))) - 0.5;
    let colour = encoded(clamp(sum / f32(factor * factor) * vignette, vec3f(0.0), vec3f(1.0)));
    return vec4f(colour + frame.post.y * grain, f32(label) / 255.0);
}
