/** The operator's desk: the telephone, its parts, and the one-desk lock. */

import { DeskLock } from "./desk-lock";
import { MadoPhone } from "./mado-phone";
import { PhoneCheck, PhoneLevel } from "./phone-parts";

// The telephone first: the others ask it as soon as they are made.
customElements.define("mado-phone", MadoPhone);
customElements.define("phone-level", PhoneLevel);
customElements.define("phone-check", PhoneCheck);
customElements.define("desk-lock", DeskLock);
