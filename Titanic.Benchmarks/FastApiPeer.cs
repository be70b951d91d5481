using System.Diagnostics;

namespace Titanic.Benchmarks;

/// <summary>
/// The same prediction requests served by FastAPI and scikit-learn, from the Debian packages
/// <c>python3-fastapi uvicorn python3-uvloop python3-httptools python3-sklearn</c>.
/// </summary>
internal static class FastApiPeer
{
    /// <returns>Null where the packages are missing, which is printed.</returns>
    public static async Task<ListeningProcess?> Start()
    {
        if (await Peer.Run(Peer.Python, "-c", "import fastapi, httptools, sklearn, uvicorn, uvloop") is null)
            return null;
        return await ListeningProcess.Start(address => new ProcessStartInfo(
            Peer.Python,
            [
                "-m", "uvicorn", "fastapi_sklearn:app", "--app-dir", Peer.Folder, "--port", $"{address.Port}",
                "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning",
            ])
        {
            Environment = { ["TITANIC_CSV"] = Path.Combine(ProductSite.Project, "Passengers", "titanic.csv") },
        });
    }
}
