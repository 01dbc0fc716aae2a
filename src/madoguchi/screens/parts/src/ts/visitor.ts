/** The demonstration's page where the visitor is the customer. */

import { VisitorPhone } from "./visitor-phone";

customElements.define("visitor-phone", VisitorPhone);
