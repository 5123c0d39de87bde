// The panels, in the order of the page.

import { smallNetwork } from "./network/small_network.js";
import { oneWeight } from "./one_weight/one_weight.js";
import { makeRangeTest } from "./range_test/range_test.js";
import { schedules } from "./schedules/schedules.js";
import { lossSurface } from "./surface/loss_surface.js";

export function makePanels(data) {
  return [oneWeight, lossSurface, schedules, smallNetwork, makeRangeTest(data)];
}
