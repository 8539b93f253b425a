//! Which piece of a label at one end becomes which at the other.

use std::collections::HashSet;

use super::shape::Piece;

/// Pieces are only paired when their centres are closer than this part of the mask's longer side: a bag is not a hat.
const REACH: f32 = 0.3;
/// The same where there is a choice because the numbers of pieces differ.
const REACH_OF_LEFTOVERS: f32 = 0.15;
/// Pieces smaller than this part of a label belong to a larger one nearby.
const SPECK: f32 = 0.03;
/// With more pieces than this the best pairing is only looked for greedily.
const PERMUTED: usize = 5;

/// One piece's counterparts: at least one of them is there.
pub(super) type Pair = [Option<Piece>; 2];

/// Pairs the pieces of the labels of two masks. The roles of the ends can be exchanged.
pub(super) struct Pairing {
    /// Of the masks, in pixels.
    pub(super) width: u32,
    /// The longer side of the masks, in pixels.
    pub(super) side: f32,
    /// How far the whole moves from the first end to the second, in pixels: pieces that move with it stay what they are
    /// however far that is.
    pub(super) motion: [f32; 2],
}

impl Pairing {
    /// The pieces of one label at both ends.
    pub(super) fn pair(&self, ends: [Vec<Piece>; 2]) -> Vec<Pair> {
        let [from, to] = ends.map(|pieces| without_specks(pieces, self.width));
        if from.len() == to.len() {
            let order =
                if from.len() <= PERMUTED { self.best_order(&from, &to) } else { self.greedy_order(&from, &to) };
            return self.in_order(from, to, &order);
        }
        self.by_overlap([from, to])
    }

    /// From a piece of the first end to one of the second: from where it is, or from where the whole takes it.
    fn squared_way(&self, from: &Piece, to: &Piece) -> f32 {
        let way = [0, 1].map(|axis| to.centre[axis] - from.centre[axis]);
        let own = [0, 1].map(|axis| way[axis] - self.motion[axis]);
        let squared = |[dx, dy]: [f32; 2]| dx * dx + dy * dy;
        squared(way).min(squared(own))
    }

    /// The pairing with the least sum of squared ways: `order[i]` is the counterpart of the i-th.
    fn best_order(&self, from: &[Piece], to: &[Piece]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..to.len()).collect();
        let mut best = (f64::INFINITY, Vec::new(), order.clone());
        permute(&mut order, 0, &mut |order| {
            let pairs = || order.iter().zip(from).map(|(&to_index, piece)| (piece, &to[to_index]));
            // In f64 the sum is exact, so the order of its terms does not matter.
            let cost = pairs().map(|(piece, other)| f64::from(self.squared_way(piece, other))).sum();
            if cost > best.0 {
                return;
            }
            // Of equal ones that which comes first from whichever end one looks.
            let mut middles: Vec<_> = pairs().map(|(piece, other)| middle(piece, other)).collect();
            middles.sort_unstable();
            if cost < best.0 || middles < best.1 {
                best = (cost, middles, order.to_vec());
            }
        });
        best.2
    }

    fn greedy_order(&self, from: &[Piece], to: &[Piece]) -> Vec<usize> {
        let mut order = vec![0; from.len()];
        for (i, j) in self.closest_pairs(from, to, f32::INFINITY) {
            order[i] = j;
        }
        order
    }

    /// The closest pair, then the closest of the rest, and so on, as far as they are closer than `reach`.
    fn closest_pairs(&self, from: &[Piece], to: &[Piece], reach: f32) -> Vec<(usize, usize)> {
        let all = (0..from.len()).flat_map(|i| (0..to.len()).map(move |j| (i, j)));
        let mut all: Vec<_> = all.map(|(i, j)| (self.squared_way(&from[i], &to[j]), i, j)).collect();
        all.retain(|(squared, ..)| *squared <= reach * reach);
        all.sort_by(|a, b| {
            a.0.total_cmp(&b.0).then_with(|| middle(&from[a.1], &to[a.2]).cmp(&middle(&from[b.1], &to[b.2])))
        });
        let (mut taken_from, mut taken_to) = (HashSet::new(), HashSet::new());
        let mut pairs = Vec::new();
        for (_, i, j) in all {
            if !taken_from.contains(&i) && !taken_to.contains(&j) {
                taken_from.insert(i);
                taken_to.insert(j);
                pairs.push((i, j));
            }
        }
        pairs
    }

    fn in_order(&self, from: Vec<Piece>, to: Vec<Piece>, order: &[usize]) -> Vec<Pair> {
        let reach = REACH * self.side;
        let mut to: Vec<_> = to.into_iter().map(Some).collect();
        let mut pairs = Vec::new();
        for (piece, &counterpart) in from.into_iter().zip(order) {
            match to[counterpart].take() {
                Some(other) if self.squared_way(&piece, &other) > reach * reach => {
                    pairs.extend([[Some(piece), None], [None, Some(other)]]);
                }
                other => pairs.push([Some(piece), other]),
            }
        }
        pairs
    }

    /// Pieces that overlap are one thing that splits or joins; of the others the closest are paired.
    fn by_overlap(&self, [from, to]: [Vec<Piece>; 2]) -> Vec<Pair> {
        let mut group_of: Vec<usize> = (0..from.len() + to.len()).collect();
        for (i, piece) in from.iter().enumerate() {
            for (j, other) in to.iter().enumerate() {
                if overlap(piece, other) {
                    let (old, new) = (group_of[from.len() + j], group_of[i]);
                    group_of.iter_mut().filter(|group| **group == old).for_each(|group| *group = new);
                }
            }
        }
        let n_from = from.len();
        let mut groups: Vec<[Vec<Piece>; 2]> = (0..group_of.len()).map(|_| [Vec::new(), Vec::new()]).collect();
        for (index, piece) in from.into_iter().chain(to).enumerate() {
            groups[group_of[index]][usize::from(index >= n_from)].push(piece);
        }
        let (mut pairs, mut alone) = (Vec::new(), [Vec::new(), Vec::new()]);
        for [first, second] in groups {
            match (first.is_empty(), second.is_empty()) {
                (false, false) => pairs.push([merged(first, self.width), merged(second, self.width)]),
                (false, true) => alone[0].extend(first),
                (true, false) => alone[1].extend(second),
                (true, true) => {}
            }
        }
        let closest = self.closest_pairs(&alone[0], &alone[1], REACH_OF_LEFTOVERS * self.side);
        let mut alone = alone.map(|pieces| pieces.into_iter().map(Some).collect::<Vec<_>>());
        for (i, j) in closest {
            pairs.push([alone[0][i].take(), alone[1][j].take()]);
        }
        let [gone, new] = alone;
        pairs.extend(gone.into_iter().flatten().map(|piece| [Some(piece), None]));
        pairs.extend(new.into_iter().flatten().map(|piece| [None, Some(piece)]));
        pairs
    }
}

/// What orders pairs alike whichever end comes first: twice the place between them, in 1/64 pixel, by rows.
fn middle(a: &Piece, b: &Piece) -> [i64; 2] {
    [1, 0].map(|axis| ((a.centre[axis] + b.centre[axis]) * 64.0).round() as i64)
}

fn squared_distance(a: &Piece, b: &Piece) -> f32 {
    let [dx, dy] = [a.centre[0] - b.centre[0], a.centre[1] - b.centre[1]];
    dx * dx + dy * dy
}

/// Specks go with the nearest larger piece, so that they do not decide how many pieces there are.
fn without_specks(pieces: Vec<Piece>, width: u32) -> Vec<Piece> {
    let total: usize = pieces.iter().map(Piece::area).sum();
    let is_speck = |piece: &Piece| (piece.area() as f32) < SPECK * total as f32;
    let (specks, mut larger): (Vec<_>, Vec<_>) = pieces.into_iter().partition(is_speck);
    if larger.is_empty() {
        return merged(specks, width).into_iter().collect();
    }
    let mut added: Vec<Vec<u32>> = vec![Vec::new(); larger.len()];
    for speck in specks {
        let nearest = (0..larger.len())
            .min_by(|&a, &b| squared_distance(&larger[a], &speck).total_cmp(&squared_distance(&larger[b], &speck)));
        if let Some(nearest) = nearest {
            added[nearest].extend(speck.pixels);
        }
    }
    for (piece, added) in larger.iter_mut().zip(added) {
        if !added.is_empty() {
            let pixels = piece.pixels.iter().copied().chain(added).collect();
            if let Some(with) = Piece::of(pixels, width) {
                *piece = with;
            }
        }
    }
    larger
}

fn merged(pieces: Vec<Piece>, width: u32) -> Option<Piece> {
    Piece::of(pieces.into_iter().flat_map(|piece| piece.pixels).collect(), width)
}

fn permute(order: &mut [usize], fixed: usize, visit: &mut impl FnMut(&[usize])) {
    if fixed == order.len() {
        return visit(order);
    }
    for next in fixed..order.len() {
        order.swap(fixed, next);
        permute(order, fixed + 1, visit);
        order.swap(fixed, next);
    }
}

fn overlap(a: &Piece, b: &Piece) -> bool {
    // Both ascend.
    let mut others = b.pixels.iter().peekable();
    a.pixels.iter().any(|pixel| {
        while others.next_if(|other| *other < pixel).is_some() {}
        others.peek() == Some(&pixel)
    })
}
