/** Theme switch, and the buttons beside each output, which are there only where a script makes them work. */

const root = document.documentElement;
const toast = document.querySelector<HTMLElement>('.toast');
let toastTimer = 0;

/** Says something once, to the eye and to a screen reader. */
export function say(text: string): void {
  if (!toast) return;
  toast.textContent = text;
  clearTimeout(toastTimer);
  toastTimer = window.setTimeout(() => {
    toast.textContent = '';
  }, 2000);
}

/** Copies a text and says what was copied. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    say('The browser did not allow copying');
  }
}

function switchTheme(): void {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  try {
    localStorage.setItem('theme', root.dataset.theme);
  } catch {
    // Without storage the choice lasts until the page is left.
  }
}

for (const panel of document.querySelectorAll<HTMLElement>('.panel')) {
  const title = panel.querySelector('h3')?.lastChild?.textContent;
  const add = (to: string, action: string, sign: string, what: string) => {
    const button = document.createElement('button');
    button.dataset.action = action;
    button.textContent = sign;
    button.ariaLabel = `${what}:${title}, ${panel.dataset.side?.toUpperCase()}`;
    panel.querySelector(to)?.append(button);
  };
  add('.command', 'copy-command', 'copy', 'Copy command');
  add('header:has(.raw)', 'copy', 'copy', 'Copy output');
  add('header:has(.raw)', 'open', '⤢', 'Full size');
}

document.addEventListener('click', (event) => {
  const button = (event.target as Element).closest<HTMLElement>('[data-action]');
  const panel = button?.closest('.panel');
  switch (button?.dataset.action) {
    case 'theme':
      return switchTheme();
    case 'copy':
      return void copy(panel?.querySelector('pre')?.textContent ?? '', 'Output');
    case 'copy-link':
      return void copy(location.href, 'Link');
    case 'copy-command':
      return void copy(panel?.querySelector('.command code')?.textContent ?? '', 'Command');
  }
});
