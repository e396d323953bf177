import './page.ts';
// Before the viewer: a click on a value or a line number is not a click on its output.
import './follow.ts';
import { startViewer } from './viewer.ts';
import './together.ts';
import './lines.ts';
import './reveal.ts';
import './walk.ts';
import './keys.ts';
import { start } from './lit.ts';

// What the address lights, once everything that can be lit is known.
start();
startViewer();
