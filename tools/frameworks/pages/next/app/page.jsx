import Image from 'next/image';

export default function Page() {
  return (
    <main>
      <h1>Next.js</h1>
      <Image id="fluid" src="/sunset.jpg" alt="A sunset" width={4000} height={2250} sizes="100vw"
        style={{ width: '100%', height: 'auto' }} />
      <Image id="half" src="/wine-tall.jpg" alt="Wine" width={1200} height={1800}
        sizes="(min-width: 800px) 50vw, 100vw" className="half" style={{ height: 'auto' }} quality={60} />
      <Image id="fixed" src="/cats%20%26%20dogs/K%C3%A4tzchen%201+1%25.png" alt="A cat" width={150} height={100} />
      <style>{'.half { width: 100% } @media (min-width: 800px) { .half { width: 50% } }'}</style>
    </main>
  );
}
