import './page.ts';
// Before the viewer: a click on a value is not a click on its output.
import './follow.ts';
import './viewer.ts';
import './lines.ts';
import './reveal.ts';
import './walk.ts';
