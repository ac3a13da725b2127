// A picture of three planes (BT.709, limited range) as light, cropped to fill its node or whole in it, with the node's round
// corners.

#import bevy_ui::ui_vertex_output::UiVertexOutput

@group(1) @binding(0) var luma: texture_2d<f32>;
@group(1) @binding(1) var linear_sampler: sampler;
@group(1) @binding(2) var blue: texture_2d<f32>;
@group(1) @binding(3) var red: texture_2d<f32>;
// x: 1.0 where the picture is mirrored. y: 1.0 where all of it is shown.
@group(1) @binding(4) var<uniform> look: vec4<f32>;

fn to_linear(gamma: vec3<f32>) -> vec3<f32> {
    let c = clamp(gamma, vec3(0.0), vec3(1.0));
    return select(pow((c + 0.055) / 1.055, vec3(2.4)), c / 12.92, c <= vec3(0.04045));
}

// Corner radii: x top left, y top right, z bottom right, w bottom left.
fn outside(point: vec2<f32>, size: vec2<f32>, radii: vec4<f32>) -> f32 {
    let side = select(radii.xy, radii.wz, point.y > 0.0);
    let radius = select(side.x, side.y, point.x > 0.0);
    let q = abs(point) - 0.5 * size + radius;
    return length(max(q, vec2(0.0))) + min(max(q.x, q.y), 0.0) - radius;
}

@fragment
fn fragment(in: UiVertexOutput) -> @location(0) vec4<f32> {
    let picture = vec2<f32>(textureDimensions(luma));
    let ratio = (in.size.x * picture.y) / (in.size.y * picture.x);
    // The side that would overhang is cut evenly at both ends; of a whole picture the other one has margins instead.
    let cut = vec2(min(1.0, ratio), min(1.0, 1.0 / ratio));
    let shown = select(cut, vec2(max(1.0, ratio), max(1.0, 1.0 / ratio)), look.y > 0.5);
    var uv = (in.uv - 0.5) * shown;
    uv.x = uv.x * (1.0 - 2.0 * look.x);
    uv = uv + 0.5;

    let y = (textureSample(luma, linear_sampler, uv).r - 16.0 / 255.0) * (255.0 / 219.0);
    let u = (textureSample(blue, linear_sampler, uv).r - 128.0 / 255.0) * (255.0 / 224.0);
    let v = (textureSample(red, linear_sampler, uv).r - 128.0 / 255.0) * (255.0 / 224.0);
    let rgb = vec3(y + 1.5748 * v, y - 0.1873 * u - 0.4681 * v, y + 1.8556 * u);

    let edge = outside((in.uv - 0.5) * in.size, in.size, in.border_radius);
    let inside = all(uv >= vec2(0.0)) && all(uv <= vec2(1.0));
    return vec4(to_linear(rgb), select(0.0, 1.0 - smoothstep(-0.5, 0.5, edge), inside));
}
