/* The arithmetic of the book's explorables: a shallow ReLU network on the line, and the data weight in any dimension.
 *
 * Pure functions of arrays, no page: tests/test_explorables.py compares every one of them with the Python library, whose
 * conventions these are.  f(x) = sum_i v_i relu(w_i x + b_i) + c, loss 1/(2n) sum_j (f(x_j) - y_j)^2, all parameters
 * trained, a neuron exactly at its kink is off.
 */
"use strict";

globalThis.StableMinima = (() => {
  /** Uniform numbers in [0, 1), the same on every machine (mulberry32). */
  function uniforms(seed) {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  /** A start of `width` neurons: w ~ N(0, scale²), knots uniform on [-reach, reach], v ~ N(0, output²/width), c = 0. */
  function randomNetwork(width, seed, { scale = 1, output = 1, reach = 2 } = {}) {
    const uniform = uniforms(seed);
    const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    const net = { w: new Float64Array(width), b: new Float64Array(width), v: new Float64Array(width), c: 0 };
    for (let i = 0; i < width; i++) {
      net.w[i] = scale * normal();
      net.b[i] = -net.w[i] * reach * (2 * uniform() - 1);
      net.v[i] = (output / Math.sqrt(width)) * normal();
    }
    return net;
  }

  const copyNetwork = ({ w, b, v, c }) => ({ w: w.slice(), b: b.slice(), v: v.slice(), c });

  function value(net, x) {
    let sum = net.c;
    for (let i = 0; i < net.w.length; i++) {
      const z = net.w[i] * x + net.b[i];
      if (z > 0) sum += net.v[i] * z;
    }
    return sum;
  }

  const loss = (net, x, y) => x.reduce((sum, xj, j) => sum + (value(net, xj) - y[j]) ** 2, 0) / (2 * x.length);

  /** One step of gradient descent on the samples of `batch`, in place. */
  function step(net, x, y, stepSize, batch) {
    const { w, b, v } = net;
    const size = batch.length;
    const residual = batch.map((j) => (value(net, x[j]) - y[j]) / size);
    for (let i = 0; i < w.length; i++) {
      let dw = 0, db = 0, dv = 0;
      for (let m = 0; m < size; m++) {
        const xj = x[batch[m]];
        const z = w[i] * xj + b[i];
        if (z > 0) {
          dw += residual[m] * xj;
          db += residual[m];
          dv += residual[m] * z;
        }
      }
      w[i] -= stepSize * v[i] * dw;
      b[i] -= stepSize * v[i] * db;
      v[i] -= stepSize * dv;
    }
    net.c -= stepSize * residual.reduce((sum, r) => sum + r, 0);
  }

  /** Batches without end: every epoch a fresh permutation of the n samples, cut into pieces of `size`. */
  function* batches(n, size, seed) {
    const uniform = uniforms(seed);
    const order = Array.from({ length: n }, (_, j) => j);
    for (;;) {
      if (size < n)
        for (let j = n - 1; j > 0; j--) {
          const l = Math.floor(uniform() * (j + 1));
          [order[j], order[l]] = [order[l], order[j]];
        }
      for (let first = 0; first < n; first += size) yield order.slice(first, first + size);
    }
  }

  /** G_jl = 1 + sum_i z⁺_ij z⁺_il + (x_j x_l + 1) sum_i v_i² 1_ij 1_il, as n rows. */
  function tangentKernel(net, x) {
    const n = x.length;
    const G = Array.from({ length: n }, () => new Float64Array(n).fill(1));
    const z = new Float64Array(n);
    for (let i = 0; i < net.w.length; i++) {
      const v2 = net.v[i] ** 2;
      for (let j = 0; j < n; j++) z[j] = net.w[i] * x[j] + net.b[i];
      for (let j = 0; j < n; j++)
        if (z[j] > 0)
          for (let l = 0; l <= j; l++) if (z[l] > 0) G[j][l] += z[j] * z[l] + v2 * (x[j] * x[l] + 1);
    }
    for (let j = 0; j < n; j++) for (let l = 0; l < j; l++) G[l][j] = G[j][l];
    return G;
  }

  /** Largest eigenvalue of a symmetric matrix by Jacobi's rotations: all of them, exactly, so that none is missed. */
  function topEigenvalue(matrix) {
    const A = matrix.map((row) => Float64Array.from(row));
    const n = A.length;
    for (let sweep = 0; sweep < 50; sweep++) {
      let off = 0, diagonal = 0;
      for (let p = 0; p < n; p++) {
        diagonal += A[p][p] ** 2;
        for (let q = 0; q < p; q++) off += A[p][q] ** 2;
      }
      if (!(off > 1e-30 * diagonal)) break;
      for (let p = 1; p < n; p++)
        for (let q = 0; q < p; q++) {
          if (A[p][q] === 0) continue;
          const theta = (A[q][q] - A[p][p]) / (2 * A[p][q]);
          const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
          const cos = 1 / Math.hypot(t, 1), sin = t * cos, change = t * A[p][q];
          A[p][p] -= change;
          A[q][q] += change;
          A[p][q] = A[q][p] = 0;
          for (let r = 0; r < n; r++)
            if (r !== p && r !== q) {
              const ap = A[r][p], aq = A[r][q];
              A[r][p] = A[p][r] = cos * ap - sin * aq;
              A[r][q] = A[q][r] = sin * ap + cos * aq;
            }
        }
    }
    return Math.max(...A.map((row, p) => row[p]));
  }

  /** lambda_max(Phi Phi^T / n); at a minimum with zero loss, the sharpness. */
  const sharpness = (net, x) => topEigenvalue(tangentKernel(net, x)) / x.length;

  /** g(u, t) = min(g~(u, t), g~(-u, -t)) of the samples X, an array of points (each an array of d numbers). */
  function dataWeight(X, u, t) {
    const d = u.length;
    const sides = [1, -1].map((sign) => {
      let count = 0, output = 0;
      const mean = new Float64Array(d);
      for (const point of X) {
        let z = -t;
        for (let r = 0; r < d; r++) z += u[r] * point[r];
        if (sign * z > 0) {
          count += 1;
          output += sign * z;
          for (let r = 0; r < d; r++) mean[r] += point[r];
        }
      }
      return output * Math.sqrt(mean.reduce((sum, m) => sum + m * m, count * count));
    });
    return Math.min(...sides) / X.length ** 2;
  }

  /** f'' as a measure: the knots -b_i/w_i in order with the masses v_i |w_i|; neurons on one knot are one. */
  function secondDerivative(net) {
    const knots = [];
    for (let i = 0; i < net.w.length; i++)
      if (net.w[i] * net.v[i] !== 0) knots.push({ knot: -net.b[i] / net.w[i], mass: net.v[i] * Math.abs(net.w[i]) });
    knots.sort((p, q) => p.knot - q.knot);
    return knots.reduce((merged, next) => {
      const last = merged.at(-1);
      if (last && next.knot - last.knot <= 1e-12 * Math.max(1, Math.abs(next.knot))) last.mass += next.mass;
      else merged.push(next);
      return merged;
    }, []);
  }

  /** The knots with their shares |a| g of the stability norm. */
  function weightedKnots(net, x) {
    const points = x.map((xj) => [xj]);
    return secondDerivative(net).map((at) => ({ ...at, share: Math.abs(at.mass) * dataWeight(points, [1], at.knot) }));
  }

  const stabilityNorm = (net, x) => weightedKnots(net, x).reduce((sum, at) => sum + at.share, 0);

  return {
    uniforms, randomNetwork, copyNetwork, value, loss, step, batches, tangentKernel, topEigenvalue, sharpness,
    dataWeight, secondDerivative, weightedKnots, stabilityNorm,
  };
})();
