// Khaacho, whole: deployed as `npm run demo -- khaacho` does it, again, and wrong in many ways.
import { list } from "./faults/khaacho.ts";
import { describeWhole } from "./support/whole.ts";

describeWhole({ list, boxes: 91 });
