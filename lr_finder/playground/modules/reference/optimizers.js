// Update rules, one step at a time, in the form that Keras has: as lr_finder.reference.
// A rule keeps its own slots; `step` changes the weights in place.

export const DEFAULTS = {
  momentum: 0.9,
  rho: 0.9, // RMSprop's memory of squared gradients
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
  accumulator: 0.1, // where Adagrad's sums begin
  decay: 0.004, // AdamW's
};

function sgd() {
  return {
    step(w, g, rate) {
      for (let i = 0; i < w.length; i++) w[i] -= rate * g[i];
    },
  };
}

function momentum(size, { momentum: beta }) {
  const v = new Float64Array(size);
  return {
    step(w, g, rate) {
      for (let i = 0; i < w.length; i++) {
        v[i] = beta * v[i] - g[i] * rate;
        w[i] += v[i];
      }
    },
  };
}

function nesterov(size, { momentum: beta }) {
  const v = new Float64Array(size);
  return {
    step(w, g, rate) {
      for (let i = 0; i < w.length; i++) {
        v[i] = beta * v[i] - g[i] * rate;
        w[i] += beta * v[i] - g[i] * rate;
      }
    },
  };
}

function adagrad(size, { accumulator, epsilon }) {
  const sums = new Float64Array(size).fill(accumulator);
  return {
    squares: sums,
    step(w, g, rate) {
      for (let i = 0; i < w.length; i++) {
        sums[i] += g[i] * g[i];
        w[i] -= (rate * g[i]) / Math.sqrt(sums[i] + epsilon);
      }
    },
  };
}

function rmsprop(size, { rho, epsilon }) {
  const means = new Float64Array(size);
  return {
    squares: means,
    step(w, g, rate) {
      for (let i = 0; i < w.length; i++) {
        means[i] = rho * means[i] + (1 - rho) * g[i] * g[i];
        w[i] -= (rate * g[i]) / Math.sqrt(means[i] + epsilon);
      }
    },
  };
}

function adam(size, { beta1, beta2, epsilon }) {
  const m = new Float64Array(size);
  const v = new Float64Array(size);
  let steps = 0;
  return {
    squares: v,
    step(w, g, rate) {
      steps += 1;
      const correction = Math.sqrt(1 - beta2 ** steps) / (1 - beta1 ** steps);
      const alpha = rate * correction;
      for (let i = 0; i < w.length; i++) {
        m[i] += (g[i] - m[i]) * (1 - beta1);
        v[i] += (g[i] * g[i] - v[i]) * (1 - beta2);
        w[i] -= (m[i] * alpha) / (Math.sqrt(v[i]) + epsilon);
      }
    },
  };
}

function adamw(size, options) {
  const inner = adam(size, options);
  return {
    squares: inner.squares,
    step(w, g, rate) {
      for (let i = 0; i < w.length; i++) w[i] -= w[i] * options.decay * rate;
      inner.step(w, g, rate);
    },
  };
}

export const RULES = { sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw };
export const OPTIMIZERS = Object.keys(RULES);
export const TITLES = {
  sgd: "SGD",
  momentum: "momentum",
  nesterov: "Nesterov",
  adagrad: "Adagrad",
  rmsprop: "RMSprop",
  adam: "Adam",
  adamw: "AdamW",
};

// An optimizer of so many weights: {step(weights, gradient, rate), squares?}.
export function createOptimizer(name, size, options = {}) {
  return RULES[name](size, { ...DEFAULTS, ...options });
}
