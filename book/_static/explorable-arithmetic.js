/* The arithmetic of the book's explorables: a shallow ReLU network on the line, and the data weight in any dimension.
 *
 * Pure functions of arrays, no page: tests/pages/test_explorables.py compares each with the Python library, whose
 * conventions these are.  f(x) = sum_i v_i relu(w_i x + b_i) + c, loss 1/(2n) sum_j (f(x_j) - y_j)^2, all parameters
 * trained, a neuron exactly at its kink is off.
 */
"use strict";

globalThis.StableMinima = (() => {
	const range = (count, of = (i) => i) => Array.from({ length: count }, (_, i) => of(i));
	const evenly = (low, high, cells) => range(cells + 1, (i) => low + ((high - low) * i) / cells);

	function sum(list, of = (v) => v) {
		let total = 0;
		list.forEach((item, i) => (total += of(item, i)));
		return total;
	}

	const dot = (a, b) => sum(a, (v, i) => v * b[i]);

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

	/** Normal numbers from uniform ones. */
	const normals = (uniform) => () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

	/** A start of `width` neurons: w ~ N(0, scale²), knots uniform on [-reach, reach], v ~ N(0, output²/width), c = 0. */
	function randomNetwork(width, seed, { scale = 1, output = 1, reach = 2 } = {}) {
		const uniform = uniforms(seed), normal = normals(uniform);
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

	const loss = (net, x, y) => sum(x, (xj, j) => (value(net, xj) - y[j]) ** 2) / (2 * x.length);

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
		net.c -= stepSize * sum(residual);
	}

	/** Batches without end: every epoch a fresh permutation of the n samples, cut into pieces of `size`. */
	function* batches(n, size, seed) {
		const uniform = uniforms(seed);
		const order = range(n);
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
		const G = range(n, () => new Float64Array(n).fill(1));
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

	const stabilityNorm = (net, x) => sum(weightedKnots(net, x), (at) => at.share);

	/** Least sum of costs |m| over sum_m m column + any combination of the `free` columns = y: a linear programme, by the
	 *  simplex method in two phases.  The masses m and their cost; cost Infinity if nothing fits. */
	function leastCost(columns, costs, free, y) {
		const n = y.length, m = columns.length;
		const signed = [...columns, ...columns.map((z) => z.map((v) => -v)), ...free, ...free.map((z) => z.map((v) => -v))];
		const price = [...costs, ...costs, ...free.map(() => 0), ...free.map(() => 0)];
		const size = signed.length;
		const rows = y.map((b, j) => {
			const row = Float64Array.from([...signed.map((z) => z[j]), ...y.map((_, l) => +(l === j)), b]);
			return b < 0 ? row.map((v, i) => (i >= size && i < size + n ? v : -v)) : row;
		});
		const basis = y.map((_, j) => size + j);
		const cost = (phase) => (i) => (phase ? (price[i] ?? 0) : +(i >= size));
		for (const phase of [0, 1]) {
			const of = cost(phase), reduced = new Float64Array(size + n + 1);
			for (let i = 0; i <= size + n; i++) reduced[i] = i < size + n ? of(i) : 0;
			rows.forEach((row, j) => { const c = of(basis[j]); if (c) for (let i = 0; i <= size + n; i++) reduced[i] -= c * row[i]; });
			for (let round = 0; round < 5000; round++) {
				let enter = -1;
				for (let i = 0; i < size; i++) // the steepest column; late, the first (Bland), which cannot go round in circles
					if (reduced[i] < -1e-11 && (enter < 0 || (round < 1000 && reduced[i] < reduced[enter]))) enter = i;
				if (enter < 0) break;
				let leave = -1;
				for (let j = 0; j < n; j++)
					if (rows[j][enter] > 1e-11) {
						const gap = leave < 0 ? -1 : rows[j].at(-1) / rows[j][enter] - rows[leave].at(-1) / rows[leave][enter];
						if (gap < -1e-14 || (gap <= 1e-14 && leave >= 0 && basis[j] < basis[leave]) || leave < 0) leave = j;
					}
				if (leave < 0) break;
				const pivot = rows[leave], by = pivot[enter];
				for (let i = 0; i <= size + n; i++) pivot[i] /= by;
				for (const row of [...rows, reduced])
					if (row !== pivot && row[enter]) {
						const times = row[enter];
						for (let i = 0; i <= size + n; i++) row[i] -= times * pivot[i];
					}
				basis[leave] = enter;
			}
			if (!phase && rows.some((row, j) => basis[j] >= size && row.at(-1) > 1e-8)) return { cost: Infinity, masses: null };
		}
		const found = new Float64Array(size + n);
		basis.forEach((i, j) => (found[i] = rows[j].at(-1)));
		const masses = Array.from(columns, (_, i) => found[i] - found[m + i]);
		return { cost: dot(costs, masses.map(Math.abs)), masses };
	}

	/** 1/(M(y) + 1/2): beyond it no shallow network has a stable minimum of zero loss on (x, y); chapter 2. */
	function stepLimit(x, y) {
		const n = x.length, columns = [], costs = [];
		for (const side of [1, -1])
			for (const t of x)
				for (const seen of [(u) => u > side * t, (u) => u >= side * t]) {
					const on = x.filter((xj) => seen(side * xj));
					const column = x.map((xj) => (seen(side * xj) ? side * (xj - t) : 0));
					const height = sum(column);
					if (!height) continue;
					columns.push(column);
					costs.push((height / n ** 2) * Math.hypot(on.length, sum(on)));
				}
		return 1 / (leastCost(columns, costs, [x.map(() => 1)], y).cost + 0.5);
	}

	return {
		range, evenly, sum, dot, leastCost, stepLimit, uniforms, normals, randomNetwork, copyNetwork, value, loss, step, batches, tangentKernel, topEigenvalue, sharpness,
		dataWeight, secondDerivative, weightedKnots, stabilityNorm,
	};
})();
