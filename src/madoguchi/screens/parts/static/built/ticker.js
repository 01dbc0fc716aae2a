"use strict";(()=>{setInterval(()=>postMessage(null),1e3);})();
