// Schedules that fall from one rate to another: as lr_finder.schedules.decays. Each is
// {steps, at(i)}: `steps` is its length, null if it goes on for ever.

const { min, floor, cos, PI, log10 } = Math;

export function makeSchedule(steps, at) {
  return { steps, at: steps === null ? at : (i) => at(min(i, steps)) };
}

export function constant(lr) {
  return makeSchedule(null, () => lr);
}

export function step(start, every, factor = 0.1) {
  return makeSchedule(null, (i) => start * factor ** floor(i / every));
}

export function exponential(start, end, steps) {
  const low = log10(start);
  const high = log10(end);
  return makeSchedule(steps, (i) => {
    if (i === 0) return start;
    return i === steps ? end : 10 ** (i * ((high - low) / steps) + low);
  });
}

export function inverseTime(start, decay, interval = null) {
  return makeSchedule(null, (i) => {
    const passed = interval === null ? i : floor(i / interval);
    return start / (1 + decay * passed);
  });
}

export function linear(start, end, steps) {
  return makeSchedule(steps, (i) =>
    i === steps ? end : i * ((end - start) / steps) + start,
  );
}

export function halfWave(start, end, passed) {
  const left = 0.5 * (1 + cos(PI * passed));
  return start * left + end * (1 - left);
}

export function cosine(start, end, steps) {
  return makeSchedule(steps, (i) => halfWave(start, end, i / steps));
}
