//! What is compiled once: layouts, pipelines, samplers.

use super::wgpu;
use crate::characters::figure::{DRAW_FLOATS, VERTEX_FLOATS};
use crate::characters::scene::FRAME_FLOATS;
use std::num::NonZeroU64;

pub(in crate::characters) const SHADER: &str = include_str!("../../../shaders/characters.wgsl");
pub(super) const COLOUR: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;
pub(super) const LABEL: wgpu::TextureFormat = wgpu::TextureFormat::R8Uint;
pub(super) const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;
pub(super) const FRAME_BYTES: u64 = 4 * FRAME_FLOATS as u64;
pub(super) const DRAW_BYTES: u64 = 4 * DRAW_FLOATS as u64;
const VERTEX_ATTRIBUTES: [wgpu::VertexAttribute; 6] = wgpu::vertex_attr_array![0 => Float32x3, 1 => Float32x3, 2 => Float32x3, 3 => Float32x2, 4 => Float32x2, 5 => Float32x3];

/// Layouts, pipelines and samplers of a device.
#[derive(Debug)]
pub(super) struct Pipelines {
    pub(super) shadow_frame: wgpu::BindGroupLayout,
    pub(super) frame: wgpu::BindGroupLayout,
    pub(super) draw: wgpu::BindGroupLayout,
    pub(super) material: wgpu::BindGroupLayout,
    pub(super) resolve_frame: wgpu::BindGroupLayout,
    pub(super) shadows: [wgpu::RenderPipeline; 3],
    /// Depth alone of what is there of the figure.
    pub(super) depth: wgpu::RenderPipeline,
    /// Colour and label of what is in front by that depth.
    pub(super) surface: wgpu::RenderPipeline,
    /// Colour of what lies over it, without labels.
    pub(super) fine_surface: wgpu::RenderPipeline,
    pub(super) backdrop: wgpu::RenderPipeline,
    pub(super) resolve: wgpu::RenderPipeline,
    pub(super) shadow_sampler: wgpu::Sampler,
    pub(super) map_sampler: wgpu::Sampler,
}

impl Pipelines {
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("characters"),
            source: wgpu::ShaderSource::Wgsl(SHADER.into()),
        });
        let layout = |entries: &[wgpu::BindGroupLayoutEntry]| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some("characters"), entries })
        };
        let shadow_frame = layout(&[uniform(0, FRAME_BYTES, false)]);
        let depth_array = wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Depth,
            view_dimension: wgpu::TextureViewDimension::D2Array,
            multisampled: false,
        };
        let comparison = wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Comparison);
        let frame = layout(&[uniform(0, FRAME_BYTES, false), entry(1, depth_array), entry(2, comparison)]);
        let draw = layout(&[uniform(0, DRAW_BYTES, true)]);
        let map = texture(wgpu::TextureSampleType::Float { filterable: true });
        let filtering = wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering);
        let material = layout(&[entry(0, map), entry(1, map), entry(2, map), entry(3, filtering)]);
        let resolve_frame = layout(&[
            uniform(0, FRAME_BYTES, false),
            entry(3, texture(wgpu::TextureSampleType::Float { filterable: false })),
            entry(4, texture(wgpu::TextureSampleType::Uint)),
        ]);
        let build = Builder { device, module: &module };
        let mesh_groups = [Some(&frame), Some(&draw), Some(&material)];
        let shadow_groups = [Some(&shadow_frame), Some(&draw), Some(&material)];
        let shadow = |vertex| build.pipeline(&shadow_groups, vertex, "shadow_fragment", Targets::Shadow);
        let mesh = |fragment, targets| build.pipeline(&mesh_groups, "surface_vertex", fragment, targets);
        Self {
            shadows: ["key_shadow_vertex", "fill_shadow_vertex", "sky_shadow_vertex"].map(shadow),
            depth: mesh("depth_fragment", Targets::Depth),
            surface: mesh("surface_fragment", Targets::Seen),
            fine_surface: mesh("fine_fragment", Targets::Fine),
            backdrop: build.pipeline(&[Some(&frame)], "screen_vertex", "backdrop_fragment", Targets::Backdrop),
            resolve: build.pipeline(&[Some(&resolve_frame)], "screen_vertex", "resolve_fragment", Targets::Picture),
            shadow_sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                compare: Some(wgpu::CompareFunction::LessEqual),
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                ..wgpu::SamplerDescriptor::default()
            }),
            map_sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                address_mode_u: wgpu::AddressMode::Repeat,
                address_mode_v: wgpu::AddressMode::Repeat,
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                mipmap_filter: wgpu::MipmapFilterMode::Linear,
                ..wgpu::SamplerDescriptor::default()
            }),
            shadow_frame,
            frame,
            draw,
            material,
            resolve_frame,
        }
    }
}

/// What a pass draws into.
#[derive(Clone, Copy, PartialEq)]
enum Targets {
    Shadow,
    /// Depth alone, where colours and labels are bound.
    Depth,
    /// What has the depth that was drawn before.
    Seen,
    Fine,
    Backdrop,
    Picture,
}

struct Builder<'a> {
    device: &'a wgpu::Device,
    module: &'a wgpu::ShaderModule,
}

impl Builder<'_> {
    fn pipeline(
        &self,
        groups: &[Option<&wgpu::BindGroupLayout>],
        vertex: &str,
        fragment: &str,
        targets: Targets,
    ) -> wgpu::RenderPipeline {
        let layout = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(fragment),
            bind_group_layouts: groups,
            immediate_size: 0,
        });
        let target = |format, write_mask| Some(wgpu::ColorTargetState { format, blend: None, write_mask });
        let all = wgpu::ColorWrites::ALL;
        let colour_targets = match targets {
            Targets::Shadow => vec![],
            Targets::Depth => {
                vec![target(COLOUR, wgpu::ColorWrites::empty()), target(LABEL, wgpu::ColorWrites::empty())]
            }
            Targets::Fine => vec![target(COLOUR, all), target(LABEL, wgpu::ColorWrites::empty())],
            Targets::Seen | Targets::Backdrop => vec![target(COLOUR, all), target(LABEL, all)],
            Targets::Picture => vec![target(COLOUR, all)],
        };
        let is_mesh = !matches!(targets, Targets::Backdrop | Targets::Picture);
        let depth_compare = match targets {
            Targets::Shadow | Targets::Depth | Targets::Fine => wgpu::CompareFunction::Less,
            Targets::Seen => wgpu::CompareFunction::Equal,
            Targets::Backdrop | Targets::Picture => wgpu::CompareFunction::LessEqual,
        };
        let vertices = wgpu::VertexBufferLayout {
            array_stride: 4 * VERTEX_FLOATS as u64,
            step_mode: wgpu::VertexStepMode::Vertex,
            attributes: &VERTEX_ATTRIBUTES,
        };
        let vertex_buffers = [Some(vertices)];
        self.device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(fragment),
            layout: Some(&layout),
            vertex: wgpu::VertexState {
                module: self.module,
                entry_point: Some(vertex),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: if is_mesh { &vertex_buffers } else { &[] },
            },
            primitive: wgpu::PrimitiveState::default(),
            depth_stencil: (targets != Targets::Picture).then(|| wgpu::DepthStencilState {
                format: DEPTH,
                depth_write_enabled: Some(is_mesh && targets != Targets::Seen),
                depth_compare: Some(depth_compare),
                stencil: wgpu::StencilState::default(),
                bias: wgpu::DepthBiasState::default(),
            }),
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: self.module,
                entry_point: Some(fragment),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &colour_targets,
            }),
            multiview_mask: None,
            cache: None,
        })
    }
}

fn entry(binding: u32, ty: wgpu::BindingType) -> wgpu::BindGroupLayoutEntry {
    let visibility = wgpu::ShaderStages::VERTEX_FRAGMENT;
    wgpu::BindGroupLayoutEntry { binding, visibility, ty, count: None }
}

fn uniform(binding: u32, bytes: u64, has_dynamic_offset: bool) -> wgpu::BindGroupLayoutEntry {
    let ty = wgpu::BufferBindingType::Uniform;
    entry(binding, wgpu::BindingType::Buffer { ty, has_dynamic_offset, min_binding_size: NonZeroU64::new(bytes) })
}

fn texture(sample_type: wgpu::TextureSampleType) -> wgpu::BindingType {
    wgpu::BindingType::Texture { sample_type, view_dimension: wgpu::TextureViewDimension::D2, multisampled: false }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use wgpu::naga::{self, TypeInner};

    fn shader() -> (naga::Module, naga::valid::ModuleInfo) {
        let module = naga::front::wgsl::parse_str(SHADER)
            .unwrap_or_else(|error| unreachable!("{}", error.emit_to_string(SHADER)));
        let flags = naga::valid::ValidationFlags::all();
        let info = naga::valid::Validator::new(flags, naga::valid::Capabilities::empty()).validate(&module).unwrap();
        (module, info)
    }

    #[test]
    fn the_shader_agrees_with_the_layout_here() {
        let (module, _) = shader();
        let span = |wanted: &str| {
            module.types.iter().find_map(|(_, ty)| match &ty.inner {
                TypeInner::Struct { span, .. } if ty.name.as_deref() == Some(wanted) => Some(u64::from(*span)),
                _ => None,
            })
        };
        assert_eq!((span("Frame"), span("Draw")), (Some(FRAME_BYTES), Some(DRAW_BYTES)));
    }

    /// lavapipe compiles a fragment shader anew for every value of a uniform that it branches on, and keeps all of them.
    #[test]
    fn nothing_branches_on_a_uniform() {
        let (module, info) = shader();
        let functions = module.functions.iter().map(|(handle, function)| (function, &info[handle]));
        let entry_points = module.entry_points.iter().enumerate();
        let entry_points = entry_points.map(|(at, entry)| (&entry.function, info.get_entry_point(at)));
        let mut branches = 0;
        for (function, info) in functions.chain(entry_points) {
            each_branch(&function.body, &mut |condition| {
                let varies = info[condition].uniformity.non_uniform_result.is_some();
                assert!(varies, "{:?}: {:?}", function.name, function.expressions[condition]);
                branches += 1;
            });
        }
        assert!(branches > 20, "{branches}");
    }

    /// Calls `with` for what each `if`, `switch` and end of a loop asks.
    fn each_branch(block: &naga::Block, with: &mut dyn FnMut(naga::Handle<naga::Expression>)) {
        for statement in block {
            match statement {
                naga::Statement::If { condition, accept, reject } => {
                    with(*condition);
                    each_branch(accept, with);
                    each_branch(reject, with);
                }
                naga::Statement::Switch { selector, cases } => {
                    with(*selector);
                    cases.iter().for_each(|case| each_branch(&case.body, with));
                }
                naga::Statement::Loop { body, continuing, break_if } => {
                    break_if.iter().for_each(|condition| with(*condition));
                    each_branch(body, with);
                    each_branch(continuing, with);
                }
                naga::Statement::Block(block) => each_branch(block, with),
                _ => {}
            }
        }
    }
}
