/** The operator's desk: the telephone, its parts, and the one-desk lock. */

import { DeskLock } from "./desk-lock";
import { MadoPhone } from "./mado-phone";
import { PhoneCheck, PhoneLevel } from "./phone-parts";

customElements.define("phone-level", PhoneLevel);
customElements.define("phone-check", PhoneCheck);
customElements.define("mado-phone", MadoPhone);
customElements.define("desk-lock", DeskLock);
