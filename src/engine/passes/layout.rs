//! Lays a generator out as passes, with the shaders in `shaders/passes`.

use burn::tensor::wgpu::wgpu;

use super::Passes;
use super::network::{Dispatch, Network};
use crate::gpu::TexturePass;
use crate::model::parameters::TensorMap;
use crate::model::{COARSE_SIDE, GeneratorConfig};

/// Products in a chunk of a convolution's sum; as in the shader, like the two below.
const CHUNK: usize = 16;
/// Pixels and channels that a workgroup makes.
const TILE: [usize; 2] = [64, 32];
/// Workgroups that keep a large GPU busy.
const BUSY: usize = 528;
/// Chunks that a part of a sum has at least.
const LEAST_CHUNKS: usize = 6;
/// Values that a small shader's workgroup makes, and of those the one for the latent.
const SMALL: usize = 256;
const SMALL_LATENT: usize = 32;

/// What lies in a buffer: `[parts, channels, side, side]` of which the first part counts, and how each channel is to be normed
/// before it is used.
#[derive(Clone, Debug)]
struct Image {
    values: wgpu::Buffer,
    norms: wgpu::Buffer,
    channels: usize,
    side: usize,
    /// Whether it still has to be normed and cut off below zero.
    raw: bool,
}

#[derive(Clone, Copy)]
enum Finish {
    Nothing,
    Bias,
    Tanh,
}

/// A convolution of the network.
struct Convolution<'a> {
    name: &'a str,
    kernel: usize,
    stride: usize,
    doubled: bool,
    finish: Finish,
}

/// A network in the making.
pub(super) struct Layout<'a> {
    device: &'a TexturePass,
    tensors: &'a TensorMap,
    shaders: Shaders,
    dispatches: Vec<Dispatch>,
    /// Stands where a shader has a binding that it does not use.
    unused: wgpu::Buffer,
}

struct Shaders {
    convolution: wgpu::ComputePipeline,
    norm: wgpu::ComputePipeline,
    one_hot: wgpu::ComputePipeline,
    latent: wgpu::ComputePipeline,
    planes: wgpu::ComputePipeline,
    block_end: wgpu::ComputePipeline,
}

impl Shaders {
    fn compile(device: &wgpu::Device) -> Self {
        let storage = |binding, read_only| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Storage { read_only },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        };
        let uniform = wgpu::BindGroupLayoutEntry {
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            ..storage(0, true)
        };
        let layout = |written: &[bool]| {
            let storages = written.iter().zip(1..).map(|(written, binding)| storage(binding, !written));
            let entries: Vec<_> = std::iter::once(uniform).chain(storages).collect();
            let descriptor = wgpu::BindGroupLayoutDescriptor { label: Some("passes"), entries: &entries };
            let group = device.create_bind_group_layout(&descriptor);
            device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some("passes"),
                bind_group_layouts: &[Some(&group)],
                ..wgpu::PipelineLayoutDescriptor::default()
            })
        };
        let module = |source: &'static str| {
            let descriptor =
                wgpu::ShaderModuleDescriptor { label: Some("passes"), source: wgpu::ShaderSource::Wgsl(source.into()) };
            let checks = wgpu::ShaderRuntimeChecks {
                force_loop_bounding: false,
                int_div_checks: false,
                ..wgpu::ShaderRuntimeChecks::checked()
            };
            #[expect(unsafe_code, reason = "compilers do not unroll loops that count their own iterations")]
            // SAFETY: the shaders are this program's own. Each of their loops counts up to a bound that does not change, and they
            // divide by sizes of a network alone, none of which is zero. What they index is checked as everywhere.
            unsafe {
                device.create_shader_module_trusted(descriptor, checks)
            }
        };
        let pipeline = |layout: &wgpu::PipelineLayout, module: &wgpu::ShaderModule, entry_point| {
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(entry_point),
                layout: Some(layout),
                module,
                entry_point: Some(entry_point),
                compilation_options: wgpu::PipelineCompilationOptions {
                    // All of what is read in a workgroup is written before.
                    zero_initialize_workgroup_memory: false,
                    ..wgpu::PipelineCompilationOptions::default()
                },
                cache: None,
            })
        };
        let small = module(include_str!("../../../shaders/passes/small.wgsl"));
        let of_small = layout(&[false, false, false, false, true]);
        Self {
            convolution: pipeline(
                &layout(&[false, false, false, false, true]),
                &module(include_str!("../../../shaders/passes/convolution.wgsl")),
                "main",
            ),
            norm: pipeline(
                &layout(&[true, false, true]),
                &module(include_str!("../../../shaders/passes/norm.wgsl")),
                "main",
            ),
            one_hot: pipeline(&of_small, &small, "one_hot"),
            latent: pipeline(&of_small, &small, "latent"),
            planes: pipeline(&of_small, &small, "planes"),
            block_end: pipeline(&of_small, &small, "block_end"),
        }
    }
}

impl<'a> Layout<'a> {
    /// None for a generator of a kind that passes do not [know](Passes::know).
    pub(super) fn of(device: &'a TexturePass, tensors: &'a TensorMap, config: &GeneratorConfig) -> Option<Network> {
        if !Passes::know(config) {
            return None;
        }
        let unused = buffer_of(device, 16, wgpu::BufferUsages::STORAGE);
        let shaders = Shaders::compile(device.device());
        Self { device, tensors, shaders, dispatches: Vec::new(), unused }.generator(config)
    }

    fn generator(mut self, config: &GeneratorConfig) -> Option<Network> {
        let GeneratorConfig { resolution, width, n_z, n_labels, n_attributes, .. } = *config;
        let pixels = resolution * resolution;
        let labels = self.buffer(4 * pixels);
        let latent = self.buffer(4 * n_z);
        let attributes = self.buffer(4 * n_attributes.max(1));

        let mask = self.image(n_labels, resolution, 1, false);
        let parameters = [n_labels * pixels, pixels, 0, 0];
        self.small(Shader::OneHot, parameters, [None, None, None, Some(&labels)], &mask);
        let mut image = mask;
        for at in 0..(resolution / COARSE_SIDE).ilog2() {
            let name = format!("encoder_conv.{at}");
            let [outputs, _] = self.shape(&name)?;
            // The latent is joined to the last.
            let channels = if image.side == 2 * COARSE_SIDE { outputs + width } else { outputs };
            let convolution =
                Convolution { name: &name, kernel: 4, stride: 2, doubled: false, finish: Finish::Nothing };
            image = self.convolve_normed(&convolution, &format!("encoder_norm.{at}"), &image, channels)?;
        }
        let starts_latent = self.dispatches.len();
        let first = image.channels - width;
        self.latent_layer(n_z, &latent, &image, first)?;
        self.norm("latent_norm", &image, first, width, 1)?;
        let mut starts_attributes = 0;
        for at in 0..(resolution / COARSE_SIDE).ilog2() as usize {
            if at == config.coarse_blocks() {
                starts_attributes = self.dispatches.len();
                if n_attributes > 0 {
                    let plane = image.side * image.side;
                    let first = (image.channels - n_attributes) * plane;
                    let parameters = [n_attributes * plane, plane, 0, first];
                    self.small(Shader::Planes, parameters, [Some(&attributes), None, None, None], &image);
                }
            }
            let joins = if at + 1 == config.coarse_blocks() { n_attributes } else { 0 };
            image = self.block(at, &image, joins)?;
        }
        self.norm("out_norm", &image, 0, image.channels, 1)?;
        image.raw = true;
        let out = Convolution { name: "out_conv", kernel: 3, stride: 1, doubled: false, finish: Finish::Tanh };
        let picture = self.image(3, image.side, 1, false);
        self.convolve(&out, &image, &picture, 1)?;
        Some(Network {
            device: self.device.clone(),
            dispatches: self.dispatches,
            starts: [0, starts_latent, starts_attributes],
            labels,
            latent,
            attributes,
            picture: picture.values,
            resolution,
        })
    }

    fn block(&mut self, at: usize, x: &Image, joins: usize) -> Option<Image> {
        let name = |part: &str| format!("blocks.{at}.{part}");
        let [conv1, conv2, skip] = ["conv1", "conv2", "skip"].map(name);
        let [outputs, _] = self.shape(&conv1)?;
        let first = Convolution { name: &conv1, kernel: 3, stride: 1, doubled: false, finish: Finish::Nothing };
        let main = self.convolve_normed(&first, &name("norm1"), x, outputs)?;
        let second = Convolution { name: &conv2, doubled: true, ..first };
        let main = self.convolve_normed(&second, &name("norm2"), &main, outputs)?;
        let skipped = self.image(outputs, x.side, 1, false);
        let skip = Convolution { name: &skip, kernel: 1, stride: 1, doubled: false, finish: Finish::Bias };
        self.convolve(&skip, x, &skipped, 1)?;
        let y = self.image(outputs + joins, main.side, 1, false);
        let parameters = [outputs * main.side * main.side, main.side, 0, 0];
        let buffers = [Some(&main.values), Some(&skipped.values), Some(&main.norms), None];
        self.small(Shader::BlockEnd, parameters, buffers, &y);
        Some(y)
    }

    /// A convolution whose output is to be normed; the image has room for `channels`.
    fn convolve_normed(
        &mut self,
        convolution: &Convolution<'_>,
        norm: &str,
        x: &Image,
        channels: usize,
    ) -> Option<Image> {
        let [outputs, inputs] = self.shape(convolution.name)?;
        let side = (x.side << usize::from(convolution.doubled)) / convolution.stride;
        let tiles = (side * side).div_ceil(TILE[0]) * outputs.div_ceil(TILE[1]);
        let chunks = convolution.kernel * convolution.kernel * inputs.div_ceil(CHUNK);
        let parts = BUSY.div_ceil(tiles).clamp(1, (chunks / LEAST_CHUNKS).max(1));
        let parts = chunks.div_ceil(chunks.div_ceil(parts));
        let y = self.image(channels, side, parts, true);
        self.convolve(convolution, x, &y, parts)?;
        self.norm(norm, &y, 0, outputs, parts)?;
        Some(y)
    }

    fn convolve(&mut self, convolution: &Convolution<'_>, x: &Image, y: &Image, parts: usize) -> Option<()> {
        let Convolution { name, kernel, stride, doubled, finish } = *convolution;
        let [outputs, inputs] = self.shape(name)?;
        let (padded, columns) = (inputs.next_multiple_of(CHUNK), outputs.next_multiple_of(TILE[1]));
        let taps = kernel * kernel;
        let mut rows = vec![0.0_f32; taps * padded * columns];
        for (at, value) in self.values(name, "weight")?.iter().enumerate() {
            let (output, input, tap) = (at / (inputs * taps), at / taps % inputs, at % taps);
            rows[(tap * padded + input) * columns + output] = *value;
        }
        let chunks = taps * padded / CHUNK;
        let finish = match finish {
            Finish::Nothing => 0,
            Finish::Bias => 1,
            Finish::Tanh => 2,
        };
        let padding = if stride == 2 { 1 } else { kernel / 2 };
        let parameters = [
            inputs,
            padded,
            x.side,
            outputs,
            columns,
            y.side,
            kernel,
            stride,
            padding,
            usize::from(doubled),
            chunks.div_ceil(parts),
            chunks,
            y.channels,
            usize::from(x.raw),
            finish,
            0,
        ];
        let (rows, bias) = (self.filled(&rows), self.filled(self.values(name, "bias")?));
        let tiles = [(y.side * y.side).div_ceil(TILE[0]), columns / TILE[1], parts];
        let pipeline = self.shaders.convolution.clone();
        self.dispatch(pipeline, &parameters, &[&x.values, &x.norms, &rows, &bias, &y.values], tiles);
        Some(())
    }

    /// Norms of the channels from `first` on.
    fn norm(&mut self, name: &str, y: &Image, first: usize, channels: usize, parts: usize) -> Option<()> {
        let rows = self.values(name, "weight")?.iter().zip(self.values(name, "bias")?);
        let affine = self.filled(&rows.flat_map(|(scale, shift)| [*scale, *shift]).collect::<Vec<_>>());
        let parameters = [first, y.side * y.side / 4, y.channels, parts];
        let pipeline = self.shaders.norm.clone();
        self.dispatch(pipeline, &parameters, &[&y.values, &affine, &y.norms], [channels, 1, 1]);
        Some(())
    }

    fn latent_layer(&mut self, n_z: usize, z: &wgpu::Buffer, y: &Image, first: usize) -> Option<()> {
        let values = (y.channels - first) * y.side * y.side;
        let (weight, bias) = (self.values("latent_fc", "weight")?, self.values("latent_fc", "bias")?);
        let turned = (0..n_z * values).map(|at| weight[at % values * n_z + at / values]);
        let weights: Vec<f32> = turned.chain(bias.iter().copied()).collect();
        let weights = self.filled(&weights);
        let parameters = [values, 0, n_z, first * y.side * y.side];
        self.small(Shader::Latent, parameters, [Some(z), Some(&weights), None, None], y);
        Some(())
    }

    /// `buffers`: source, weights, norms and labels, as far as the shader reads them.
    fn small(&mut self, shader: Shader, parameters: [usize; 4], buffers: [Option<&wgpu::Buffer>; 4], y: &Image) {
        let pipeline = match shader {
            Shader::OneHot => &self.shaders.one_hot,
            Shader::Latent => &self.shaders.latent,
            Shader::Planes => &self.shaders.planes,
            Shader::BlockEnd => &self.shaders.block_end,
        };
        let (pipeline, unused) = (pipeline.clone(), self.unused.clone());
        let [source, weights, norms, labels] = buffers.map(|buffer| buffer.unwrap_or(&unused));
        let values = if matches!(shader, Shader::Latent) { SMALL_LATENT } else { SMALL };
        let workgroups = [parameters[0].div_ceil(values), 1, 1];
        self.dispatch(pipeline, &parameters, &[source, weights, norms, labels, &y.values], workgroups);
    }

    fn dispatch(
        &mut self,
        pipeline: wgpu::ComputePipeline,
        parameters: &[usize],
        buffers: &[&wgpu::Buffer],
        workgroups: [usize; 3],
    ) {
        let words: Vec<u32> = parameters.iter().map(|value| *value as u32).collect();
        let parameters = buffer_of(self.device, 4 * words.len(), wgpu::BufferUsages::UNIFORM);
        self.device.queue().write_buffer(&parameters, 0, bytemuck::cast_slice(&words));
        let entries: Vec<_> = std::iter::once(&parameters)
            .chain(buffers.iter().copied())
            .zip(0..)
            .map(|(buffer, binding)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        let group = self.device.device().create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("pass"),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        self.dispatches.push(Dispatch { pipeline, group, workgroups: workgroups.map(|count| count as u32) });
    }

    fn image(&self, channels: usize, side: usize, parts: usize, raw: bool) -> Image {
        let values = self.buffer(4 * parts * channels * side * side);
        Image { values, norms: self.buffer(8 * channels), channels, side, raw }
    }

    fn filled(&self, values: &[f32]) -> wgpu::Buffer {
        let buffer = self.buffer(4 * values.len());
        // Not created with contents: on a lost device that panics.
        self.device.queue().write_buffer(&buffer, 0, bytemuck::cast_slice(values));
        buffer
    }

    fn buffer(&self, size: usize) -> wgpu::Buffer {
        buffer_of(self.device, size, wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC)
    }

    /// Outputs and inputs of a layer.
    fn shape(&self, layer: &str) -> Option<[usize; 2]> {
        let shape = &self.tensors.get(&format!("generator.{layer}.weight"))?.shape;
        Some([*shape.first()?, *shape.get(1)?])
    }

    /// A layer's weights or biases.
    fn values(&self, layer: &str, part: &str) -> Option<&'a [f32]> {
        Some(&self.tensors.get(&format!("generator.{layer}.{part}"))?.values)
    }
}

fn buffer_of(device: &TexturePass, size: usize, usage: wgpu::BufferUsages) -> wgpu::Buffer {
    device.device().create_buffer(&wgpu::BufferDescriptor {
        label: Some("values of a pass"),
        size: size as u64,
        usage: usage | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

#[derive(Clone, Copy)]
enum Shader {
    OneHot,
    Latent,
    Planes,
    BlockEnd,
}
