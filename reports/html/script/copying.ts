// Buttons that copy what stands before them. Text of a script: see index.ts.

export const copying = `
wirings.push((within) => {
  for (const button of all('[data-copy]', within)) {
    button.addEventListener('click', async () => {
      const source = button.previousElementSibling;
      try {
        await navigator.clipboard.writeText(source.textContent);
        button.textContent = 'Copied';
      } catch {
        getSelection().selectAllChildren(source);
        button.textContent = 'Selected';
      }
      setTimeout(() => { button.textContent = 'Copy'; }, 2000);
    });
  }
});
`;
