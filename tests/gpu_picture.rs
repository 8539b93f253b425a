//! Planar floats in a GPU buffer become a texture with the bytes that main memory would have.
//!
//! The pass itself runs on any adapter, software ones too. «skipped» is printed where there is none.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::tensor::wgpu::wgpu;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use scgan::gpu::{Planes, TextureError, TexturePass};
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
