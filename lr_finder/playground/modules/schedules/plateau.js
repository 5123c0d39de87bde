// Keras' ReduceLROnPlateau: the rate falls if a watched value has not become better by
// `least` for `patience` looks. It answers to what it sees, so noise can fool it.

export function reduceOnPlateau(lr, { factor = 0.3, patience = 3, least = 1e-4 } = {}) {
  let best = Number.POSITIVE_INFINITY;
  let waited = 0;
  return {
    rate: lr,
    look(value) {
      if (value < best - least) {
        best = value;
        waited = 0;
        return false;
      }
      waited += 1;
      if (waited < patience) return false;
      waited = 0;
      this.rate *= factor;
      return true;
    },
  };
}
