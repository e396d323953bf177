// Runs before the first paint, so that a stored choice never flashes the other theme.
(() => {
  const root = document.documentElement;
  root.classList.add('js');
  try {
    const stored = localStorage.getItem('theme');
    if (stored === 'light' || stored === 'dark') root.dataset.theme = stored;
  } catch {
    // Storage is blocked: the system's theme it is.
  }
})();
