using System.Diagnostics;

namespace Titanic.Benchmarks;

/// <summary>The same questions answered by FastAPI and scikit-learn, from Debian's packages <c>python3-fastapi uvicorn python3-uvloop python3-httptools python3-sklearn</c>.</summary>
internal static class FastApiPeer
{
    /// <returns>Null where it cannot be run here, which is said.</returns>
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
