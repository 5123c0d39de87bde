// Random numbers that a seed decides: the same in every browser.

// Uniform in [0, 1): Mulberry32.
export function createRandom(seed) {
  let state = (seed + 1) * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Standard normal, by Box and Muller.
export function createNormal(random) {
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return radius * Math.cos(2 * Math.PI * random());
  };
}

// Many at once.
export function normals(count, seed) {
  const draw = createNormal(createRandom(seed));
  return Float64Array.from({ length: count }, draw);
}

// An order of 0 … count - 1, by Fisher and Yates.
export function shuffled(count, random) {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
