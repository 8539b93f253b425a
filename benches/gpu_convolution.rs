//! Convolutions on a GPU without autotuning: what the first call of a kernel costs (building it), what the next ones
//! take, and how far it is from the CPU.
//!
//! `cargo bench --profile release --bench gpu_convolution [BATCH]`. Without a GPU it says so and ends.

#![allow(missing_docs)]

use std::time::Instant;

use burn::backend::Wgpu;
use burn::backend::wgpu::CubeBackend;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{DType, Device, FloatDType, Shape, Tensor, TensorData};
use burn_cubecl::kernel::conv::{ConvStrategy, conv_data_backward, conv_forward, conv_weight_backward};
use burn_cubecl::tensor::CubeTensor;
use scgan::gpu::{self, DeviceChoice};
use scgan::model::Noise;

const REPEATS: u32 = 20;

/// inputs, outputs, side, kernel, stride, padding
const SHAPES: [(usize, usize, usize, usize, usize, usize); 14] = [
    (512, 512, 16, 3, 1, 1),
    (256, 256, 32, 3, 1, 1),
    (128, 128, 64, 3, 1, 1),
    (64, 64, 128, 3, 1, 1),
    (256, 1024, 32, 2, 1, 1),
    (64, 256, 64, 2, 1, 1),
    (64, 128, 64, 4, 2, 1),
    (512, 1024, 8, 4, 2, 1),
    (256, 128, 33, 2, 1, 0),
    (256, 128, 32, 1, 1, 0),
    (3, 64, 128, 4, 2, 1),
    (8, 64, 128, 4, 2, 1),
    (64, 3, 128, 3, 1, 1),
    (261, 128, 32, 3, 1, 1),
];

fn primitive(tensor: &Tensor<4>) -> anyhow::Result<CubeTensor> {
    let fused = tensor.clone().try_into_primitive::<Wgpu>().map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let fusion = fused.client.clone();
    Ok(fusion.resolve_tensor_float::<CubeBackend>(fused))
}

fn values(tensor: CubeTensor) -> anyhow::Result<Vec<f32>> {
    let data = burn_cubecl::ops::into_data_sync(tensor);
    Ok(data.convert_dtype(DType::F32).try_to_vec::<f32>().map_err(|error| anyhow::anyhow!("{error:?}"))?)
}

fn report(
    what: &str,
    expected: &Tensor<4>,
    device: &Device,
    mut run: impl FnMut() -> Result<CubeTensor, String>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let y = match std::panic::catch_unwind(std::panic::AssertUnwindSafe(&mut run)) {
        Ok(Ok(y)) => y,
        Ok(Err(error)) => {
            println!("    {what}: {}", error.chars().take(160).collect::<String>());
            return Ok(());
        }
        Err(_) => {
            println!("    {what}: panicked");
            return Ok(());
        }
    };
    device.sync()?;
    let first_ms = began.elapsed().as_secs_f64() * 1e3;
    let found = values(y)?;
    let expected = expected.to_data().try_to_vec::<f32>().map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let largest = expected.iter().fold(0f32, |a, b| a.max(b.abs()));
    let error = found
        .iter()
        .zip(&expected)
        .map(|(a, b)| (a - b).abs())
        .fold(0f32, |a, b| if b.is_nan() { b } else { a.max(b) });
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let began = Instant::now();
        for _ in 0..REPEATS {
            let _ = run();
        }
        device.sync()?;
        best = best.min(began.elapsed().as_secs_f64() * 1e6 / f64::from(REPEATS));
    }
    println!("    {what}: first {first_ms:8.1} ms, then {best:8.1} us, off by {:.1e}", error / largest);
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let batch: usize = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(16);
    let compute = gpu::open(DeviceChoice::Gpu(None))?;
    println!("{}, batch {batch}", compute.description);
    let (device, cpu) = (compute.device.clone(), Device::flex());
    let mut noise = Noise::new(1);
    for (inputs, outputs, side, kernel, stride, padding) in SHAPES {
        println!("{inputs} -> {outputs} at {side}², k{kernel} s{stride} p{padding}");
        let out_side = (side + 2 * padding - kernel) / stride + 1;
        let mut random = |shape: [usize; 4], scale: f32| {
            let values: Vec<f32> = noise.normal(shape.iter().product()).into_iter().map(|x| x * scale).collect();
            let data = TensorData::new(values, shape);
            let there = Tensor::<4>::from_data(data.clone(), &device).cast(FloatDType::F16);
            (Tensor::<4>::from_data(data, &cpu), there)
        };
        let (x, x16) = random([batch, inputs, side, side], 1.0);
        let (w, w16) = random([outputs, inputs, kernel, kernel], (1.0 / (inputs * kernel * kernel) as f32).sqrt());
        let (g, g16) = random([batch, outputs, out_side, out_side], 0.01);
        let options = || ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
        let tracked = |t: Tensor<4>| Tensor::<4>::from_data(t.to_data(), &cpu.clone().autodiff()).require_grad();
        let (xt, wt) = (tracked(x.clone()), tracked(w.clone()));
        let gt = Tensor::<4>::from_data(g.to_data(), &cpu.clone().autodiff());
        let y = burn::tensor::module::conv2d(xt.clone(), wt.clone(), None, options());
        let expected = y.clone().inner();
        let gradients = (y * gt).sum().backward();
        let missing = || anyhow::anyhow!("no gradient");
        let (gx, gw) = (xt.grad(&gradients).ok_or_else(missing)?, wt.grad(&gradients).ok_or_else(missing)?);
        let (px, pw, pg) = (primitive(&x16)?, primitive(&w16)?, primitive(&g16)?);
        for (name, strategy) in [("gemm", true), ("direct", false)] {
            let strategy = || if strategy { ConvStrategy::ImplicitGemm } else { ConvStrategy::Direct };
            report(&format!("{name:6} forward"), &expected, &device, || {
                conv_forward::<2>(px.clone(), pw.clone(), None, options(), strategy()).map_err(|e| format!("{e:?}"))
            })?;
            report(&format!("{name:6} input  "), &gx, &device, || {
                let shape = Shape::from([batch, inputs, side, side]);
                conv_data_backward::<2>(pg.clone(), pw.clone(), shape, options(), strategy())
                    .map_err(|e| format!("{e:?}"))
            })?;
            report(&format!("{name:6} weight "), &gw, &device, || {
                let shape = Shape::from([outputs, inputs, kernel, kernel]);
                conv_weight_backward::<2>(px.clone(), pg.clone(), shape, options(), strategy())
                    .map_err(|e| format!("{e:?}"))
            })?;
        }
    }
    overheads(&device, batch)
}

/// What small things cost: a chain of operations that fusion joins, one that it cannot join, and a norm.
fn overheads(device: &Device, batch: usize) -> anyhow::Result<()> {
    let timed = |name: &str, run: &mut dyn FnMut()| -> anyhow::Result<()> {
        let began = Instant::now();
        run();
        device.sync()?;
        let first_ms = began.elapsed().as_secs_f64() * 1e3;
        for _ in 0..3 {
            run();
        }
        device.sync()?;
        let began = Instant::now();
        for _ in 0..REPEATS {
            run();
        }
        device.sync()?;
        let each_us = began.elapsed().as_secs_f64() * 1e6 / f64::from(REPEATS);
        println!("{name}: first {first_ms:.1} ms, then {each_us:.1} us");
        Ok(())
    };
    let small = Tensor::<4>::ones([1, 8, 8, 8], device);
    timed("20 unfusable small operations", &mut || {
        let mut x = small.clone();
        for _ in 0..20 {
            x = x.clone() + x.sum_dim(3);
        }
        let _ = x.try_into_primitive::<Wgpu>().map(|x| x.client.clone().resolve_tensor_float::<CubeBackend>(x));
    })?;
    timed("sync", &mut || drop(device.sync()))?;
    for (channels, side) in [(64, 128), (256, 32)] {
        let x = Tensor::<4>::random([batch, channels, side, side], burn::tensor::Distribution::Default, device);
        let one = Tensor::<1>::ones([channels], device);
        timed(&format!("norm of {channels} at {side}²"), &mut || {
            let affine = scgan::kernels::Affine { scale: one.clone(), shift: one.clone() };
            let y = scgan::kernels::instance_norm(x.clone(), affine, None, true);
            let _ = y.try_into_primitive::<Wgpu>().map(|x| x.client.clone().resolve_tensor_float::<CubeBackend>(x));
        })?;
        timed(&format!("cast to f16 and back of {channels} at {side}²"), &mut || {
            let y = (x.clone().cast(FloatDType::F16) * 2.0).cast(FloatDType::F32);
            let _ = y.try_into_primitive::<Wgpu>().map(|x| x.client.clone().resolve_tensor_float::<CubeBackend>(x));
        })?;
    }
    Ok(())
}
