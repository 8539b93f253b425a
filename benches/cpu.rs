//! The kernels for the CPU beside their twins in Burn's own operations: the paper's generator layer by layer, and what
//! training adds to it.
//!
//! `cargo bench --profile release --bench cpu [WIDTH] [CHANNELS]`, the latter as printed, for a single layer. Kernel and twin take turns, so whatever else the machine does
//! slows both, and the ratios hold. It prints and judges nothing.

#![allow(missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor, TensorData};
use scgan::kernels::{self, Activation, Affine, Convolution, twin};
use scgan::model::Noise;

/// Per layer and kind of measurement.
const TIME: Duration = Duration::from_millis(600);

/// A layer of the generator.
struct Layer {
    name: &'static str,
    convolution: Convolution,
    inputs: usize,
    outputs: usize,
    side: usize,
    normed: bool,
    residual: bool,
}

fn layers(w: usize) -> Vec<Layer> {
    let halving = Convolution::forward(4, 2, 1);
    let encoder = [(7, w, 128), (w, 2 * w, 64), (2 * w, 4 * w, 32), (4 * w, 8 * w, 16)];
    let mut layers: Vec<Layer> = encoder
        .map(|(inputs, outputs, side)| Layer {
            name: "encoder",
            convolution: halving,
            inputs,
            outputs,
            side,
            normed: true,
            residual: false,
        })
        .into();
    for (inputs, outputs, side) in [(9 * w, 8 * w, 8), (8 * w, 4 * w, 16), (4 * w + 5, 2 * w, 32), (2 * w, w, 64)] {
        let layer = |name, convolution, inputs, normed, residual| Layer {
            name,
            convolution,
            inputs,
            outputs,
            side,
            normed,
            residual,
        };
        layers.push(layer("block, first", Convolution::forward(3, 1, 1), inputs, true, false));
        layers.push(layer("block, skip", Convolution::forward(1, 1, 0), inputs, false, false));
        layers.push(layer("block, second", Convolution::upsampling(), outputs, true, true));
    }
    let out = Convolution::forward(3, 1, 1);
    layers.push(Layer {
        name: "picture",
        convolution: out,
        inputs: w,
        outputs: 3,
        side: 128,
        normed: false,
        residual: false,
    });
    layers
}

fn random<const D: usize>(noise: &mut Noise, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(noise.normal(shape.iter().product()), shape), device)
}

/// Forward at batch 1, and forward and backward at batch 4.
fn run(layer: &Layer, batch: usize, trained: bool, twin: bool, noise: &mut Noise) -> impl FnMut() + use<> {
    let device = if trained { Device::flex().autodiff() } else { Device::flex() };
    let &Layer { convolution, inputs, outputs, side, normed, residual, .. } = layer;
    let x = random(noise, [batch, inputs, side, side], &device);
    let x = if trained { x.require_grad() } else { x };
    let weight = random(noise, [outputs, inputs, convolution.kernel, convolution.kernel], &device);
    let weight = if trained { weight.require_grad() } else { weight };
    let bias = random(noise, [outputs], &device);
    let affine = Affine { scale: random(noise, [outputs], &device), shift: random(noise, [outputs], &device) };
    let residual = residual.then(|| random(noise, [batch, outputs, side, side], &device));
    move || {
        let (x, weight, bias) = (x.clone(), weight.clone(), Some(bias.clone()));
        let y = match (normed, twin) {
            (false, false) => kernels::convolve(x, weight, bias, convolution, Activation::None),
            (false, true) => twin::convolve(x, weight, bias, convolution, Activation::None),
            (true, false) => {
                kernels::convolve_norm(x, weight, bias, convolution, affine.clone(), residual.clone(), true)
            }
            (true, true) => {
                let y = twin::convolve(x, weight, bias, convolution, Activation::None);
                twin::instance_norm(y, affine.clone(), residual.clone(), true)
            }
        };
        if trained {
            drop(black_box(y.sum().backward()));
        } else {
            drop(black_box(y));
        }
    }
}

/// The fastest of each, taken in turns, in ms: what a quiet machine does.
fn fastest(mut runs: [Box<dyn FnMut()>; 2]) -> [f64; 2] {
    let mut best = [f64::INFINITY; 2];
    let begun = Instant::now();
    while begun.elapsed() < TIME {
        for (run, best) in runs.iter_mut().zip(&mut best) {
            let started = Instant::now();
            run();
            *best = best.min(started.elapsed().as_secs_f64() * 1e3);
        }
    }
    best
}

fn main() {
    // Cargo adds `--bench`.
    let width = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(64);
    let mut noise = Noise::new(0);
    println!("{:<14} {:>11} {:>4}  {:>24}  {:>24}", "width", width, "", "forward, b=1", "and backward, b=4");
    println!(
        "{:<14} {:>11} {:>4}  {:>10} {:>10}    {:>10} {:>10}",
        "layer", "channels", "px", "twin ms", "ms", "twin ms", "ms"
    );
    let mut totals = [0.0; 4];
    let only = std::env::args().find(|argument| argument.contains('→'));
    for layer in layers(width) {
        let channels = format!("{}→{}", layer.inputs, layer.outputs);
        if only.as_ref().is_some_and(|only| *only != channels) {
            continue;
        }
        let mut times = Vec::new();
        for (batch, trained) in [(1, false), (4, true)] {
            let runs =
                [true, false].map(|twin| Box::new(run(&layer, batch, trained, twin, &mut noise)) as Box<dyn FnMut()>);
            times.extend(fastest(runs));
        }
        totals.iter_mut().zip(&times).for_each(|(total, time)| *total += time);
        print(layer.name, &channels, &layer.side.to_string(), &times);
    }
    print("all", "", "", &totals);
}

fn print(name: &str, channels: &str, side: &str, times: &[f64]) {
    if let [a, b, c, d] = times {
        println!("{name:<14} {channels:>11} {side:>4}  {a:>10.2} {b:>10.2}    {c:>10.2} {d:>10.2}");
    }
}
