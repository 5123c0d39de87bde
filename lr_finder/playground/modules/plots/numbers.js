// Numbers as people read them.

// A learning rate, as lr_finder's format_rate: 3e-3, 0.25, 10.
export function formatRate(rate, digits = 2) {
  if (rate === Number.POSITIVE_INFINITY) return "∞";
  if (!Number.isFinite(rate)) return "–";
  if (rate === 0) return "0";
  const [mantissa, exponent] = rate.toExponential(digits - 1).split("e");
  const rounded = Number(`${mantissa}e${exponent}`);
  if (Math.abs(rounded) >= 0.1 && Math.abs(rounded) < 100) return `${rounded}`;
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return `${short}e${Number(exponent)}`;
}

// Any other number, so many digits after the point; very large ones by their power.
export function formatNumber(value, digits = 2) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Math.abs(value) >= 1e5) return formatRate(value);
  return value
    .toFixed(digits)
    .replace(/^-(0(\.0*)?)$/, "$1")
    .replace("-", "−");
}

// A loss: three digits that count.
export function formatLoss(value) {
  if (!Number.isFinite(value)) return "diverged";
  return Math.abs(value) < 1e-12 ? "0" : formatRate(value, 3);
}

// A count with its noun.
export function counted(count, noun) {
  if (count === Number.POSITIVE_INFINITY) return "never";
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export function percent(share) {
  return `${Math.round(100 * share)} %`;
}

// Round places for marks on an axis: [{at, text}], about `most` of them.
export function ticksOf(from, to, isLog, most) {
  return isLog ? logTicks(from, to, most) : evenTicks(from, to, most);
}

function evenTicks(from, to, most) {
  const rough = (to - from) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((by) => by * power >= rough) * power;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + step * 1e-9; k++) {
    ticks.push({ at: k * step, text: formatNumber(k * step, digits) });
  }
  return ticks;
}

function logTicks(from, to, most) {
  const [low, high] = [Math.log10(from), Math.log10(to)];
  if (high - low < 1.2) return shortLogTicks(from, to);
  const every = Math.max(1, Math.ceil((high - low) / most));
  const ticks = [];
  for (let k = Math.ceil(low - 1e-9); k <= high + 1e-9; k++) {
    const shown = k % every === 0;
    ticks.push({ at: 10 ** k, text: shown ? formatRate(10 ** k) : "" });
  }
  return ticks;
}

function shortLogTicks(from, to) {
  const ticks = [];
  for (let k = Math.floor(Math.log10(from)); k <= Math.log10(to); k++) {
    for (const by of [1, 2, 5]) {
      const at = by * 10 ** k;
      if (at >= from * 0.999 && at <= to * 1.001)
        ticks.push({ at, text: formatRate(at) });
    }
  }
  return ticks;
}
