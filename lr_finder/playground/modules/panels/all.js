// The panels, in the order of the page.

import { batchSize } from "./batch_size/batch_size.js";
import { makeGlance } from "./glance.js";
import { momentum } from "./momentum/momentum.js";
import { smallNetwork } from "./network/small_network.js";
import { oneWeight } from "./one_weight/one_weight.js";
import { makeRangeTest } from "./range_test/range_test.js";
import { schedules } from "./schedules/schedules.js";
import { adaptive } from "./surface/adaptive.js";
import { lossSurface } from "./surface/loss_surface.js";
import { ownRate } from "./surface/own_rate.js";

export function makePanels(data) {
  return [
    oneWeight,
    lossSurface,
    ownRate,
    momentum,
    adaptive,
    batchSize,
    schedules,
    smallNetwork,
    makeRangeTest(data),
    makeGlance(data),
  ];
}
