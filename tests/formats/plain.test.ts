import { checkFormat } from './support.ts';

checkFormat('plain', { refuses: false });
