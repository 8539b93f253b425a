//! Planar floats in a GPU buffer become a texture with the bytes that main memory would have.
//!
//! The pass itself runs on any adapter, software ones too; a generator's pictures need a real GPU, and that test also
//! prints how long both ways take. «skipped» is printed where there is none.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use burn::tensor::wgpu::wgpu;
use eframe::egui_wgpu::{RenderState, RendererOptions, WgpuConfiguration, WgpuSetup, WgpuSetupExisting};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use scgan::document::{LabelMap, LatentState};
use scgan::engine::{
    EngineCommand, EngineEvent, EngineHandle, Form, LiveFrame, LiveRequest, ModelRef, Picture, Renderer, WindowGpu,
};
use scgan::gpu::{ComputeDevice, DeviceChoice, PictureTexture, Planes, SharedGpu, TextureError, TexturePass};
use scgan::templates::templates;
use wgpu::util::DeviceExt;

/// Vulkan loaders crash when instances come and go on several threads.
fn one_at_a_time() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A device of the first adapter there is, and the adapter's name.
fn any_device() -> Option<(wgpu::Device, wgpu::Queue, String)> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::PRIMARY;
    let instance = wgpu::Instance::new(descriptor);
    let adapter = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY)).into_iter().next()?;
    let opened = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default()));
    let (device, queue) = opened.unwrap_or_else(|error| panic!("{}: {error}", adapter.get_info().name));
    Some((device, queue, adapter.get_info().name))
}

/// The texture's bytes, `[r, g, b, a]` per pixel.
fn read_texture(device: &wgpu::Device, queue: &wgpu::Queue, texture: &wgpu::Texture) -> Vec<u8> {
    let (width, height) = (texture.width(), texture.height());
    let bytes_per_row = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: u64::from(bytes_per_row * height),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(bytes_per_row), rows_per_image: None },
        },
        texture.size(),
    );
    queue.submit([encoder.finish()]);
    buffer.slice(..).map_async(wgpu::MapMode::Read, |mapped| mapped.unwrap());
    device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
    let mapped = buffer.slice(..).get_mapped_range().unwrap();
    mapped.chunks(bytes_per_row as usize).flat_map(|row| row[..width as usize * 4].to_vec()).collect()
}

/// [−1, 1] to a byte, as the renderer does it in main memory.
fn to_byte(value: f32) -> u8 {
    (value * 127.5 + 127.5).round() as u8
}

/// How planes lie in a buffer.
struct Case {
    width: u32,
    height: u32,
    /// Elements before the first value.
    before: usize,
    /// Of channels, rows and columns.
    strides: [u32; 3],
}

impl Case {
    /// Contiguous `[3, height, width]`.
    fn planar(width: u32, height: u32, before: usize) -> Self {
        Self { width, height, before, strides: [width * height, width, 1] }
    }

    fn at(&self, channel: u32, y: u32, x: u32) -> usize {
        let [channels, rows, columns] = self.strides;
        self.before + (channel * channels + y * rows + x * columns) as usize
    }

    fn buffer(&self, device: &wgpu::Device, values: &[f32]) -> Planes {
        let contents: Vec<u8> = values.iter().flat_map(|value| value.to_ne_bytes()).collect();
        let usage = wgpu::BufferUsages::STORAGE;
        let buffer =
            device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label: None, contents: &contents, usage });
        let Self { width, height, before, strides } = *self;
        Planes { buffer, offset: 4 * before as u64, width, height, strides }
    }
}

#[test]
fn floats_become_the_bytes_that_main_memory_makes_of_them() {
    let _lock = one_at_a_time();
    let Some((device, queue, name)) = any_device() else { return println!("skipped: no adapter") };
    let pass = TexturePass::new(&device, &queue).unwrap();
    let mut rng = Pcg64Mcg::seed_from_u64(0x6F7);
    let odd = [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 7.5, -7.5, 1.0, -1.0, 0.0, -0.0, 1e-40];
    let cases = [
        Case::planar(64, 64, 0),
        Case::planar(63, 65, 0),
        Case::planar(1, 1, 0),
        // An offset the device allows, and ones in between.
        Case::planar(63, 65, 64),
        Case::planar(17, 3, 71),
        Case::planar(128, 128, 1),
        // Channels last, and rows with a gap.
        Case { width: 31, height: 9, before: 5, strides: [1, 31 * 3, 3] },
        Case { width: 20, height: 12, before: 0, strides: [32 * 12, 32, 1] },
    ];
    for case in cases {
        let last = case.at(2, case.height - 1, case.width - 1);
        let mut values: Vec<f32> = (0..=last).map(|_| rng.random_range(-1.2..1.2)).collect();
        for (at, value) in odd.iter().enumerate() {
            let at = case.at(at as u32 % 3, 0, (at as u32 / 3) % case.width);
            values[at] = *value;
        }
        let planes = case.buffer(&device, &values);
        let picture = pass.submit(&planes).unwrap().wait().unwrap();
        let bytes = read_texture(&device, &queue, picture.texture());
        let expected = |channel, y, x| if channel == 3 { 255 } else { to_byte(values[case.at(channel, y, x)]) };
        let pixels = (0..case.height).flat_map(|y| (0..case.width).map(move |x| (y, x)));
        let expected: Vec<u8> =
            pixels.flat_map(|(y, x)| (0..4).map(move |c| (c, y, x))).map(|(c, y, x)| expected(c, y, x)).collect();
        assert_eq!(bytes.len(), expected.len());
        // A value in the middle between two bytes may fall to either side.
        let worst = bytes.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        let different = bytes.iter().zip(&expected).filter(|(a, b)| a != b).count();
        println!(
            "{name}: {}×{} at {} strides {:?}: worst {worst}/255, {different} of {} bytes differ",
            case.width,
            case.height,
            case.before,
            case.strides,
            bytes.len()
        );
        assert!(worst <= 1 && different * 1000 <= bytes.len());
    }
}

#[test]
fn planes_that_reach_past_their_buffer_are_refused_before_the_device_sees_them() {
    let _lock = one_at_a_time();
    let Some((device, queue, _)) = any_device() else { return println!("skipped: no adapter") };
    let pass = TexturePass::new(&device, &queue).unwrap();
    let good = Case::planar(16, 16, 0).buffer(&device, &[0.5; 3 * 256]);
    pass.submit(&good).unwrap().wait().unwrap();
    let wrong = [
        Planes { offset: 4, ..good.clone() },
        Planes { offset: 2, ..good.clone() },
        Planes { offset: u64::MAX - 3, ..good.clone() },
        Planes { width: 17, ..good.clone() },
        Planes { width: 0, ..good.clone() },
        Planes { height: u32::MAX, ..good.clone() },
        Planes { strides: [u32::MAX; 3], ..good.clone() },
    ];
    for planes in wrong {
        let error = pass.submit(&planes).unwrap_err();
        assert!(matches!(error, TextureError::Layout(_)), "{error} for {planes:?}");
    }
    // A buffer that no shader may read is the device's to refuse, without a panic.
    let usage = wgpu::BufferUsages::COPY_DST;
    let descriptor = wgpu::BufferDescriptor { label: None, size: 3 * 1024, usage, mapped_at_creation: false };
    let planes = Planes { buffer: device.create_buffer(&descriptor), ..good.clone() };
    let error = pass.submit(&planes).unwrap_err();
    assert!(matches!(error, TextureError::Refused(_)), "{error}");
    pass.submit(&good).unwrap().wait().unwrap();
}

#[test]
fn a_lost_device_is_an_error_and_not_a_panic() {
    let _lock = one_at_a_time();
    let Some((device, queue, _)) = any_device() else { return println!("skipped: no adapter") };
    let pass = TexturePass::new(&device, &queue).unwrap();
    let planes = Case::planar(16, 16, 0).buffer(&device, &[0.5; 3 * 256]);
    device.destroy();
    let drawn = pass.submit(&planes).and_then(|pending| pending.wait());
    println!("after the device was destroyed: {drawn:?}");
    assert!(drawn.is_err());
}

/// Pictures compared for agreement.
const SEEDS: u64 = 6;
/// Unmeasured pictures first.
const WARM_UP: usize = 20;
const MEASURED: usize = 100;

/// Requests for a model, each with another mask, seed and attributes, or another of one of them.
struct Requests {
    masks: Vec<LabelMap>,
    attributes: Vec<Arc<[f32]>>,
    made: u64,
}

impl Requests {
    fn of(renderer: &Renderer) -> Self {
        let card = renderer.card();
        let templates: Vec<_> = templates().iter().filter(|template| template.taxonomy == card.taxonomy.name).collect();
        assert!(templates.len() > 1);
        Self {
            masks: templates
                .iter()
                .map(|template| LabelMap::from_image(&template.labels(card.resolution() as u32)))
                .collect(),
            attributes: templates
                .iter()
                .enumerate()
                // Alike templates have alike attributes, so a strength makes them differ.
                .map(|(at, template)| template.attributes().iter().map(|on| on * (0.5 + 0.1 * at as f32)).collect())
                .collect(),
            made: 0,
        }
    }

    /// `change` 0 is everything, 1 the latent, 2 the attributes.
    fn next(&mut self, change: usize) -> LiveRequest {
        self.made += 1;
        let turn = |counts: bool, of: usize| if counts { self.made as usize % of } else { 0 };
        LiveRequest {
            generation: self.made,
            labels: self.masks[turn(change == 0, self.masks.len())].clone(),
            attributes: Arc::clone(&self.attributes[turn(change != 1, self.attributes.len())]),
            latent: LatentState { seed: if change == 2 { 0 } else { self.made }, ..LatentState::default() },
        }
    }
}

fn texture_of(picture: &Picture) -> &PictureTexture {
    match picture {
        Picture::Texture(texture) => texture,
        Picture::Pixels(_) => panic!("the picture came as pixels"),
    }
}

fn worst(a: &[u8], b: &[u8]) -> u8 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

fn median(mut times_ms: Vec<f64>) -> f64 {
    times_ms.sort_by(f64::total_cmp);
    times_ms[times_ms.len() / 2]
}

fn ms_since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}

/// Opens the first real GPU, once: a second time Burn would refuse.
fn shared_gpu() -> Option<SharedGpu> {
    match SharedGpu::open(DeviceChoice::Auto) {
        Ok(shared) => shared,
        Err(error) => panic!("{error}"),
    }
}

/// The bundled portrait model on the CPU.
fn bundled() -> Renderer {
    Renderer::load(&ModelRef::Bundled("portrait".to_owned()), &ComputeDevice::cpu()).unwrap()
}

/// The same, drawing on a GPU.
fn passing(shared: &SharedGpu, form: Form) -> Renderer {
    let mut renderer = bundled();
    renderer.draw_on(&shared.pass().unwrap(), form).unwrap();
    renderer
}

#[test]
fn on_a_gpu_a_texture_is_the_picture_that_is_read_back() {
    let _lock = one_at_a_time();
    let Some(shared) = shared_gpu() else { return println!("skipped: no GPU") };
    let info = shared.setup.adapter.get_info();
    println!("{} ({:?}, {} {})", info.name, info.backend, info.driver, info.driver_info);
    agreement(&shared);
    the_window_s_library_takes_device_and_texture(&shared);
    the_engine_draws_on_the_gpu_at_once(&shared);
    a_second_device_draws_the_same();
    latency(&shared);
}

fn agreement(shared: &SharedGpu) {
    let (device, queue) = (&shared.setup.device, &shared.setup.queue);
    let (mut shown, mut copied, mut on_cpu) =
        (passing(shared, Form::Texture), passing(shared, Form::Pixels), bundled());
    let mut requests = Requests::of(&on_cpu);
    let mut previous = Vec::new();
    for seed in 0..SEEDS {
        let request = requests.next(0);
        let picture = shown.render(&request).unwrap().picture;
        let texture = read_texture(device, queue, texture_of(&picture).texture());
        let read = shown.read(&request).unwrap().rgba;
        let pixels = copied.render(&request).unwrap().picture.pixels().cloned().unwrap();
        let expected = on_cpu.render(&request).unwrap().picture.pixels().cloned().unwrap();
        let [same, copy, apart] = [worst(&texture, &read), worst(&read, &pixels), worst(&read, &expected)];
        println!("picture {seed}: texture and reading differ by {same}/255, pixels by {copy}, the CPU's by {apart}");
        assert!(same <= 1 && copy == 0 && apart <= 1);
        assert_ne!(texture, previous, "another request, the same picture");
        previous = texture;
    }
}

/// Networks that the passes do not know, and training, use another device on the same card.
fn a_second_device_draws_the_same() {
    let second = scgan::gpu::open(DeviceChoice::Auto).unwrap();
    let mut here = bundled();
    let mut there = Renderer::load(&ModelRef::Bundled("portrait".to_owned()), &second).unwrap();
    let request = Requests::of(&here).next(0);
    let began = Instant::now();
    let picture = there.render(&request).unwrap().picture.pixels().cloned().unwrap();
    let first_ms = ms_since(began);
    let worst = worst(&picture, here.render(&request).unwrap().picture.pixels().unwrap());
    println!("Burn on a second device: worst difference {worst}/255; its first picture took {first_ms:.0} ms");
    // Convolutions are f16 there.
    assert!(worst <= 8);
}

fn the_engine_draws_on_the_gpu_at_once(shared: &SharedGpu) {
    for draws_window in [true, false] {
        let (frame, ready_ms) = engine_on(shared, draws_window);
        println!("the engine draws on the GPU after {ready_ms:.0} ms, window {draws_window}");
        assert_eq!(matches!(frame.picture, Picture::Texture(_)), draws_window);
    }
}

/// A frame that the engine made on the GPU, and when it could.
fn engine_on(shared: &SharedGpu, draws_window: bool) -> (LiveFrame, f64) {
    let began = Instant::now();
    let gpu = WindowGpu { shared: shared.clone(), draws_window, choice: DeviceChoice::Auto };
    let mut engine = EngineHandle::start(gpu, || {});
    engine.send(EngineCommand::LoadModel(ModelRef::Bundled("portrait".to_owned())));
    let mut requests = Requests::of(&bundled());
    engine.submit(requests.next(0));
    let mut ready_ms = None;
    while began.elapsed().as_secs() < 240 {
        while let Some(event) = engine.poll_event() {
            match event {
                EngineEvent::DeviceReady { is_gpu: true, .. } => {
                    ready_ms = Some(ms_since(began));
                    engine.submit(requests.next(0));
                }
                EngineEvent::DeviceReady { .. } | EngineEvent::ModelLoaded { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        if let Some(frame) = engine.poll_frame() {
            match ready_ms {
                Some(ready_ms) if frame.generation > 1 => return (frame, ready_ms),
                _ => println!("picture {} from the CPU after {:.0} ms", frame.generation, ms_since(began)),
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("no picture from the GPU");
}

/// egui's renderer can be built on the shared device and binds the picture.
fn the_window_s_library_takes_device_and_texture(shared: &SharedGpu) {
    let setup = shared.setup.clone();
    let existing = WgpuSetupExisting {
        instance: setup.instance.clone(),
        adapter: setup.adapter,
        device: setup.device,
        queue: setup.queue,
    };
    let configuration = WgpuConfiguration { wgpu_setup: WgpuSetup::Existing(existing), ..WgpuConfiguration::default() };
    let scope = shared.setup.device.push_error_scope(wgpu::ErrorFilter::Validation);
    let created = RenderState::create(&configuration, &setup.instance, None, RendererOptions::default());
    let window = pollster::block_on(created).unwrap();
    let mut renderer = passing(shared, Form::Texture);
    let request = Requests::of(&renderer).next(0);
    let frame = renderer.render(&request).unwrap();
    let view = texture_of(&frame.picture).view();
    let id = window.renderer.write().register_native_texture(&window.device, &view, wgpu::FilterMode::Linear);
    let error = pollster::block_on(scope.pop());
    assert!(error.is_none(), "{error:?}");
    println!("egui's renderer works on the shared device and calls the picture {id:?}");
}

fn latency(shared: &SharedGpu) {
    println!("medians of {MEASURED}, bundled portrait model, in ms:");
    println!("{:<12} {:>10} {:>10}", "change of", "texture", "pixels");
    for (change, name) in ["everything", "the latent", "attributes"].into_iter().enumerate() {
        let [texture_ms, pixels_ms] = [Form::Texture, Form::Pixels].map(|form| {
            let mut renderer = passing(shared, form);
            let mut requests = Requests::of(&renderer);
            let mut times = Vec::new();
            for at in 0..WARM_UP + MEASURED {
                let request = requests.next(change);
                let began = Instant::now();
                renderer.render(&request).unwrap();
                if at >= WARM_UP {
                    times.push(ms_since(began));
                }
            }
            median(times)
        });
        println!("{name:<12} {texture_ms:>10.3} {pixels_ms:>10.3}");
    }
}
