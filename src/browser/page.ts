/** Theme switch and copy buttons. */

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
