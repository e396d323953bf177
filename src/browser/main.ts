import './page.ts';
import './viewer.ts';
